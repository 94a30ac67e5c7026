import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { bytes, sha256 } from "../fixtures/documents.ts";
import { download, openListing } from "../fixtures/pages.ts";
import { expect, test } from "../fixtures/test.ts";

/** Keys that S3 holds and that browsers, routers and proxies like to change. Each has bytes of its own. */
const ODD = {
  "signs of addresses": "odd/50% + #1 ? & = [x] {y} ~ ; , : @ $ ! * ( ).txt",
  "quotes and backslashes": `odd/\\ " ' \` < > | ^.txt`,
  "an escape that is none": "odd/100%25%2F%00.txt",
  "spaces at both ends": "odd/  spaced  ",
  "one accent, composed": "odd/caf\u00e9.txt",
  "one accent, decomposed": "odd/cafe\u0301.txt",
  "emoji": "odd/\u{1f4ca} figures \u{1f469}\u{200d}\u{1f4bb}.txt",
  "right to left": "odd/\u05d3\u05d5\u05d7 2026.txt",
  "a direction override": "odd/invoice\u202etxt.exe",
  "control characters": "odd/a\u0001b\u001fc\td\ne\u007f.txt",
  "an empty segment": "odd//hidden.txt",
  "a leading slash": "/leading.txt",
  "a trailing dot": "odd/trailing.",
  "a long name": `odd/${"long ".repeat(50)}end.txt`,
};

test.beforeEach(async ({ bucket }) => {
  await bucket.putAll(Object.values(ODD).map((key) => [key, bytes(key, 100)]));
});

test("every odd key is listed and downloaded byte for byte", async ({ page }) => {
  for (const [what, key] of Object.entries(ODD)) {
    await test.step(what, async () => {
      await openListing(page, key.slice(0, key.lastIndexOf("/") + 1));
      const started = page.waitForEvent("download");
      await page.getByRole("row").locator(`.name a[href="${download(key)}"]`).click();
      const stored = await readFile(await (await started).path());
      expect(sha256(stored)).toBe(sha256(bytes(key, 100)));
    });
  }
});

test("two names that look alike stay two rows", async ({ page }) => {
  await openListing(page, "odd/");
  await expect(page.getByRole("row").filter({ hasText: /caf(\u00e9|e\u0301)\.txt/ })).toHaveCount(2);
});

test("an empty segment is a folder that can be opened", async ({ page }) => {
  await openListing(page, "odd/");
  await page.getByRole("link", { name: "(no name)" }).click();
  await expect(page.getByRole("link", { name: "hidden.txt", exact: true })).toBeVisible();
});

test("dot segments cannot travel by URL: explained, with a curl line that works", async ({ page, bucket, portal, folder }) => {
  const key = "odd/../secret plans/./it's.txt";
  await bucket.put(key, bytes(key, 100));
  await openListing(page, "odd/");
  for (const level of ["..", "secret plans", "."]) await page.getByRole("table").getByRole("link", { name: level, exact: true }).click();
  await expect(page.getByRole("row", { name: "it's.txt" })).toContainText("No browser can ask for this name");
  await expect(page.getByRole("link", { name: "it's.txt" })).toHaveCount(0);

  await page.getByRole("button", { name: "Get by command line it's.txt" }).click();
  const command = page.getByRole("dialog").getByRole("textbox", { name: "Command" });
  await expect(command).toHaveValue(/^curl /);
  // As a person pastes it. Only the resolving of the files host, which a network's name server does, is added.
  const resolve = `--silent --show-error --resolve '*:${new URL(portal.origin).port}:127.0.0.1'`;
  await promisify(execFile)("sh", ["-c", `${await command.inputValue()} ${resolve}`], { cwd: folder });
  expect(sha256(await readFile(join(folder, "it's.txt")))).toBe(sha256(bytes(key, 100)));
});
