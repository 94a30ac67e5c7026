import { document } from "../fixtures/documents.ts";
import { conflict, openListing, pick, row, upload } from "../fixtures/pages.ts";
import { expect, test } from "../fixtures/test.ts";

const OLD = "what was there";
const NEW = "what is new";

test.beforeEach(async ({ page, bucket, folder }) => {
  await bucket.put("report.txt", OLD);
  await openListing(page);
  await pick(page, await document(folder, "report.txt", NEW));
  await expect(conflict(page, "report.txt").getByRole("button", { name: "Keep both" })).toBeVisible();
  // Nothing is written before the person has decided.
  expect((await bucket.get("report.txt")).toString()).toBe(OLD);
});

test("Replace: the new one has the name", async ({ page, bucket }) => {
  await conflict(page, "report.txt").getByRole("button", { name: "Replace" }).click();
  await expect.poll(async () => (await bucket.get("report.txt")).toString()).toBe(NEW);
  expect(await bucket.keys()).toEqual(["report.txt"]);
});

test("Keep both: the new one gets a name of its own", async ({ page, bucket }) => {
  await conflict(page, "report.txt").getByRole("button", { name: "Keep both" }).click();
  await expect(row(page, "report (2).txt")).toBeVisible();
  expect((await bucket.get("report.txt")).toString()).toBe(OLD);
  expect((await bucket.get("report (2).txt")).toString()).toBe(NEW);
});

test("Skip: the old one stays", async ({ page, bucket }) => {
  await conflict(page, "report.txt").getByRole("button", { name: "Skip" }).click();
  await expect(upload(page, "report.txt")).toContainText("Skipped: what was there stays");
  expect(await bucket.keys()).toEqual(["report.txt"]);
  expect((await bucket.get("report.txt")).toString()).toBe(OLD);
});

test("one answer for all", async ({ page, bucket, folder }) => {
  await bucket.put("notes.txt", OLD);
  await pick(page, await document(folder, "notes.txt", NEW));
  await page.getByRole("checkbox", { name: /^Do this for all 2/ }).check();
  await page.getByRole("button", { name: "Keep both" }).click();
  await expect(row(page, "report (2).txt")).toBeVisible();
  await expect(row(page, "notes (2).txt")).toBeVisible();
  expect(await bucket.keys()).toEqual(["notes (2).txt", "notes.txt", "report (2).txt", "report.txt"]);
});

test("a double click answers for the name that was read, not for the next one", async ({ page, bucket, folder }) => {
  await bucket.put("notes.txt", OLD);
  await pick(page, await document(folder, "notes.txt", NEW));
  await expect(page.getByRole("checkbox", { name: /^Do this for all 2/ })).toBeVisible();
  const box = (await conflict(page, "report.txt").getByRole("button", { name: "Replace" }).boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.up();
  const next = conflict(page, "notes.txt");
  await expect(next).toBeVisible();
  // The second click of a double one, as the browser counts it.
  await page.mouse.down({ clickCount: 2 });
  await page.mouse.up({ clickCount: 2 });
  await expect.poll(async () => (await bucket.get("report.txt")).toString()).toBe(NEW);
  await expect(next).toBeVisible();
  expect((await bucket.get("notes.txt")).toString()).toBe(OLD);
  await next.getByRole("button", { name: "Replace" }).click();
  await expect.poll(async () => (await bucket.get("notes.txt")).toString()).toBe(NEW);
});

test("a colleague's version that came while the question stood is not replaced unseen", async ({ page, bucket }) => {
  await bucket.put("report.txt", "a colleague's");
  const question = conflict(page, "report.txt");
  await expect(question).toContainText(/There now\s*14/);
  await question.getByRole("button", { name: "Replace" }).click();
  await expect(question).toContainText(/There now\s*13/);
  expect((await bucket.get("report.txt")).toString()).toBe("a colleague's");
  await question.getByRole("button", { name: "Replace" }).click();
  await expect.poll(async () => (await bucket.get("report.txt")).toString()).toBe(NEW);
});
