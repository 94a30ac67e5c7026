import { MiB, bytes, document, sha256 } from "../fixtures/documents.ts";
import { Gate } from "../fixtures/gate.ts";
import { openListing, pick, row, upload, uploaded } from "../fixtures/pages.ts";
import { expect, test } from "../fixtures/test.ts";

const NAME = "recording.bin";
const CONTENT = bytes(NAME, 40 * MiB);

test("cancelled in the middle: nothing is stored and nothing is left behind", async ({ page, context, bucket, folder }) => {
  const gate = await Gate.behind(context, 2);
  await openListing(page);
  await pick(page, await document(folder, NAME, CONTENT));
  await expect.poll(() => gate.held).toBeGreaterThan(0);
  expect(await bucket.unfinishedUploads()).toEqual([NAME]);
  await page.getByRole("button", { name: `Cancel ${NAME}` }).click();
  await expect(upload(page, NAME)).toContainText("Cancelled");
  await expect.poll(() => bucket.unfinishedUploads()).toEqual([]);
  expect(await bucket.keys()).toEqual([]);
});

test("paused in the middle and resumed: the upload completes", async ({ page, context, bucket, folder }) => {
  const gate = await Gate.behind(context, 2);
  await openListing(page);
  await pick(page, await document(folder, NAME, CONTENT));
  await expect.poll(() => gate.held).toBeGreaterThan(0);
  await page.getByRole("button", { name: `Pause ${NAME}` }).click();
  await expect(upload(page, NAME)).toContainText("Paused");
  await gate.open();
  expect(await bucket.unfinishedUploads()).toEqual([NAME]);
  await page.getByRole("button", { name: `Resume ${NAME}` }).click();
  await uploaded(page, 1);
  await expect(row(page, NAME)).toBeVisible();
  expect(sha256(await bucket.get(NAME))).toBe(sha256(CONTENT));
});

test("the server is restarted in the middle: the upload completes", async ({ page, context, bucket, folder, portal }) => {
  const gate = await Gate.behind(context, 2);
  await openListing(page);
  await pick(page, await document(folder, NAME, CONTENT));
  await expect.poll(() => gate.held).toBeGreaterThan(0);
  await portal.kill();
  await gate.open();
  await expect(upload(page, NAME)).toContainText("Trying again");
  await portal.run();
  await uploaded(page, 1);
  await expect(row(page, NAME)).toBeVisible();
  expect(sha256(await bucket.get(NAME))).toBe(sha256(CONTENT));
});

test("connections that break are made again: the upload completes", async ({ page, context, bucket, folder }) => {
  let broken = 0;
  await context.route(
    (url) => url.searchParams.has("partNumber"),
    (route) => (broken < 3 ? (broken++, route.abort("connectionreset")) : route.continue()),
  );
  await openListing(page);
  await pick(page, await document(folder, NAME, CONTENT));
  await uploaded(page, 1);
  await expect(row(page, NAME)).toBeVisible();
  expect(broken).toBe(3);
  expect(sha256(await bucket.get(NAME))).toBe(sha256(CONTENT));
});

test("a storage that is busy is asked again: the upload completes", async ({ page, context, bucket, folder, portal }) => {
  let refused = 0;
  const body = "<?xml version='1.0'?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>";
  const headers = { "access-control-allow-origin": portal.origin, "content-type": "application/xml" };
  await context.route(
    (url) => url.searchParams.has("partNumber"),
    (route) => (refused < 2 ? (refused++, route.fulfill({ status: 503, headers, body })) : route.continue()),
  );
  await openListing(page);
  await pick(page, await document(folder, NAME, CONTENT));
  await uploaded(page, 1);
  await expect(row(page, NAME)).toBeVisible();
  expect(refused).toBe(2);
  expect(sha256(await bucket.get(NAME))).toBe(sha256(CONTENT));
});

test("an outage of the storage is told for as long as it lasts", async ({ page, context, bucket, folder, portal }) => {
  const headers = { "access-control-allow-origin": portal.origin, "content-type": "application/xml" };
  const body = "<?xml version='1.0'?><Error><Code>InternalError</Code><Message>We encountered an error.</Message></Error>";
  const parts = (url: URL) => url.searchParams.has("partNumber");
  await context.route(parts, (route) => route.fulfill({ status: 500, headers, body }));
  await openListing(page);
  await pick(page, await document(folder, NAME, CONTENT));
  await expect(upload(page, NAME)).toContainText("Trying again");
  for (let look = 0; look < 30; look += 1) {
    expect(await upload(page, NAME).textContent()).toContain("Trying again");
    await page.waitForTimeout(100);
  }
  await context.unroute(parts);
  await page.getByRole("button", { name: `Try now ${NAME}` }).click();
  await uploaded(page, 1);
  expect(sha256(await bucket.get(NAME))).toBe(sha256(CONTENT));
});

test("while it uploads, the tab tells how far and the computer is kept awake", async ({ page, context, folder }) => {
  await page.addInitScript(() => {
    let held = 0;
    const request = async () => {
      held += 1;
      let holds = true;
      return {
        release: async () => {
          if (holds) held -= 1;
          holds = false;
        },
      };
    };
    Object.defineProperty(navigator, "wakeLock", { value: { request, held: () => held } });
  });
  const held = () => page.evaluate(() => (navigator.wakeLock as unknown as { held: () => number }).held());
  const gate = await Gate.behind(context, 2);
  await openListing(page);
  const title = await page.title();
  expect(await held()).toBe(0);
  await pick(page, await document(folder, NAME, CONTENT));
  await expect(page).toHaveTitle(new RegExp(`^[1-9]\\d* % \u00b7 ${title}$`));
  expect(await held()).toBe(1);
  await page.evaluate(() => window.document.dispatchEvent(new Event("visibilitychange", { bubbles: true })));
  await expect.poll(held).toBe(1);
  await gate.open();
  await uploaded(page, 1);
  await expect(page).toHaveTitle(title);
  await expect.poll(held).toBe(0);
});

test("a session that a proxy ends is told, and the upload goes on after signing in", async ({ page, context, folder }) => {
  const calls = (url: URL) => url.pathname.startsWith("/api/uploads/");
  await openListing(page);
  await context.route(calls, (route) => route.fulfill({ status: 401, contentType: "text/html", body: "Unauthorized" }));
  await pick(page, await document(folder, NAME, CONTENT));
  const signIn = page.getByRole("link", { name: "Sign in" });
  await expect(signIn).toBeVisible();

  await context.unroute(calls);
  await context.route(calls, (route) => route.fulfill({ status: 302, headers: { location: "https://sign-in.example/" } }));
  await page.evaluate(() => window.dispatchEvent(new Event("focus")));
  await expect(signIn).toBeVisible();

  await context.unroute(calls);
  await page.evaluate(() => window.dispatchEvent(new Event("focus")));
  await uploaded(page, 1);
});
