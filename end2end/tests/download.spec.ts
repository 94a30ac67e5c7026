import { readFile } from "node:fs/promises";
import { MiB, bytes, sha256 } from "../fixtures/documents.ts";
import { openListing, row } from "../fixtures/pages.ts";
import { expect, test } from "../fixtures/test.ts";

const NAMES = ["report.pdf", "K\u00f6nig & S\u00f6hne; 50%.csv", "\u{1f4ca} figures.xlsx", "\u05d3\u05d5\u05d7.txt", "page.html"];

for (const name of NAMES) {
  // Firefox itself takes the percent sign out of the names of files.
  const tag = name.includes("%") ? [] : "@firefox";
  test(`a click on ${name} saves it under its name, and the page stays`, { tag }, async ({ page, bucket, portal }) => {
    const content = bytes(name, 2 * MiB);
    await bucket.put(`Team/${name}`, content);
    await openListing(page, "Team/");
    const started = page.waitForEvent("download");
    await row(page, name).getByRole("link", { name, exact: true }).click();
    const file = await started;
    expect(file.suggestedFilename()).toBe(name);
    expect(sha256(await readFile(await file.path()))).toBe(sha256(content));
    // The bytes came from the files host: an object that is a web page never runs on the portal's origin.
    expect(new URL(file.url()).origin).not.toBe(portal.origin);
    await expect(row(page, name)).toBeVisible();
  });
}

test("an object of no bytes is a file of no bytes", async ({ page, bucket }) => {
  await bucket.put("nothing.txt", "");
  await openListing(page);
  const started = page.waitForEvent("download");
  await row(page, "nothing.txt").getByRole("link", { name: "nothing.txt", exact: true }).click();
  expect(await readFile(await (await started).path())).toHaveLength(0);
});
