import { readFile } from "node:fs/promises";
import { listing, names, row } from "../fixtures/pages.ts";
import { expect, test } from "../fixtures/test.ts";

test.use({ javaScriptEnabled: false });

test("listing, paging and download work without scripts", async ({ page, bucket }) => {
  const keys = Array.from({ length: 250 }, (_, i) => `plain/${String(i).padStart(3, "0")}.txt`);
  await bucket.putAll(keys.map((key) => [key, `content of ${key}`]));

  await page.goto(listing());
  await page.getByRole("link", { name: "plain" }).click();
  const first = await names(page);
  await page.getByRole("link", { name: "Next page" }).click();
  const second = await names(page);
  expect([...first, ...second].map((name) => `plain/${name.trim()}`)).toEqual(keys);

  const started = page.waitForEvent("download");
  await row(page, "249.txt").getByRole("link", { name: "249.txt", exact: true }).click();
  expect(await readFile(await (await started).path(), "utf8")).toBe("content of plain/249.txt");
});

test("what needs scripts is not offered without them", async ({ page, bucket }) => {
  await bucket.put("a.txt", "a");
  await page.goto(listing());
  await expect(row(page, "a.txt")).toBeVisible();
  await expect(page.getByRole("button")).toHaveCount(0);
});
