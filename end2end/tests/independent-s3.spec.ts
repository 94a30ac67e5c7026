import { readFile } from "node:fs/promises";
import { MiB, bytes, document, sha256 } from "../fixtures/documents.ts";
import { download, openListing, pick, row, upload } from "../fixtures/pages.ts";
import { Gate } from "../fixtures/gate.ts";
import { expect, test } from "../fixtures/peer.ts";

test("objects of every size pass by the portal, not through it", async ({ page, bucket, wires, folder }) => {
  await openListing(page, "", bucket.name);
  // Pages and scripts come first, those for uploading too: what is weighed is what objects cost.
  await pick(page, await document(folder, "first.txt", "first"));
  await expect(row(page, "first.txt")).toBeVisible();
  await page.waitForLoadState("networkidle");
  wires.front.take();
  wires.back.take();

  const sizes = { "no bytes.bin": 0, "5 MiB.bin": 5 * MiB, "40 MiB.bin": 40 * MiB };
  let moved = 0;
  for (const [name, size] of Object.entries(sizes)) {
    const content = bytes(name, size);
    await pick(page, await document(folder, name, content));
    await expect(row(page, name)).toBeVisible();
    expect(sha256(await bucket.get(name))).toBe(sha256(content));

    const started = page.waitForEvent("download");
    await row(page, name).getByRole("link", { name, exact: true }).click();
    const file = await started;
    expect(file.suggestedFilename()).toBe(name);
    expect(sha256(await readFile(await file.path()))).toBe(sha256(content));
    moved += 2 * size;
  }

  const [front, back] = [wires.front.take(), wires.back.take()];
  test.info().annotations.push({ type: "portal bytes", description: `${front} + ${back} for ${moved} of objects` });
  expect(front).toBeGreaterThan(0);
  expect(back).toBeGreaterThan(0);
  expect(front + back).toBeLessThan(moved / 100);
  expect(await bucket.unfinishedUploads()).toEqual([]);
});

test("odd keys are listed and downloaded byte for byte", async ({ page, bucket }) => {
  const odd = ["50% + #1 ? & = [x] {y} ~ ; , : @ $ ! * ( ).txt", `\\ " ' \` < > | ^.txt`, "100%25%2F.txt", "caf\u00e9.txt", "cafe\u0301.txt", "\u{1f4ca}.txt", "\u05d3\u05d5\u05d7.txt"];
  await bucket.putAll(odd.map((key) => [key, bytes(key, 100)]));
  await openListing(page, "", bucket.name);
  for (const key of odd) {
    const started = page.waitForEvent("download");
    await page.getByRole("row").locator(`.name a[href="${download(key, bucket.name)}"]`).click();
    expect(sha256(await readFile(await (await started).path())), key).toBe(sha256(bytes(key, 100)));
  }
});

test("cancelled in the middle: S3 keeps no unfinished upload", async ({ page, context, bucket, folder }) => {
  const gate = await Gate.behind(context, 2);
  await openListing(page, "", bucket.name);
  await pick(page, await document(folder, "large.bin", bytes("large", 40 * MiB)));
  await expect.poll(() => gate.held).toBeGreaterThan(0);
  await page.getByRole("button", { name: "Cancel large.bin" }).click();
  await expect(upload(page, "large.bin")).toContainText("Cancelled");
  await expect.poll(() => bucket.unfinishedUploads()).toEqual([]);
});
