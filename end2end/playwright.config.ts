// Which tests run in which browser. `make test` gives the browsers' paths and the server's binary in the environment.
import { defineConfig } from "@playwright/test";
import { chromium, firefox } from "./fixtures/browsers.ts";

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  reporter: "list",
  // Each test starts a portal of its own, so that nothing is shared and everything may run at once.
  fullyParallel: true,
  workers: 2,
  // A test that passes at the second try has found a fault: there is no second try.
  retries: 0,
  forbidOnly: true,
  timeout: 90_000,
  // Waits are for things that will be; on a busy machine they take their time.
  expect: { timeout: 15_000 },
  use: { locale: "en-GB", timezoneId: "UTC", trace: "retain-on-failure" },
  projects: [
    { name: "chromium", use: chromium() },
    // The main tasks in the other engine: tests whose title carries the tag.
    ...firefox().map((use) => ({ name: "firefox", grep: /@firefox/, use })),
    // `npm run screens`: no test, the pictures in docs/screens.
    ...(process.env.CAUSEWAY_SCREENS ? [{ name: "screens", testDir: "screens", use: chromium() }] : []),
    // `npm run bench`: no test either, figures for docs/benchmarks.md.
    ...(process.env.CAUSEWAY_BENCH ? [{ name: "bench", testDir: "bench", timeout: 300_000, use: chromium() }] : []),
  ],
});
