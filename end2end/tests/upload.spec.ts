import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { KiB, MiB, bytes, document, sha256 } from "../fixtures/documents.ts";
import { Gate } from "../fixtures/gate.ts";
import { Drag, drop, listing, openListing, pick, row, upload, uploaded } from "../fixtures/pages.ts";
import { expect, test } from "../fixtures/test.ts";

const SIZES = { "one byte.bin": 1, "no bytes.bin": 0, "5 MiB.bin": 5 * MiB, "40 MiB.bin": 40 * MiB };

for (const [name, size] of Object.entries(SIZES)) {
  const tag = name === "5 MiB.bin" ? "@firefox" : [];
  test(`${name}: picked, stored as it is, and in the list`, { tag }, async ({ page, bucket, folder }) => {
    const content = bytes(name, size);
    await openListing(page, "Team/");
    await pick(page, await document(folder, name, content));
    await uploaded(page, 1);
    await expect(row(page, name)).toBeVisible();
    expect(sha256(await bucket.get(`Team/${name}`))).toBe(sha256(content));
    expect(await bucket.unfinishedUploads()).toEqual([]);
  });
}

test("200 files arrive, each with its own bytes", async ({ page, bucket, folder }) => {
  const files = Array.from({ length: 200 }, (_, i) => `${String(i).padStart(3, "0")}.bin`);
  const paths = await Promise.all(files.map((name, i) => document(folder, name, bytes(name, i * 50))));
  await openListing(page, "many/");
  await pick(page, paths);
  await uploaded(page, 200);
  expect(await bucket.keys("many/")).toEqual(files.map((name) => `many/${name}`));
  for (const [i, name] of files.entries()) {
    expect(sha256(await bucket.get(`many/${name}`)), name).toBe(sha256(bytes(name, i * 50)));
  }
});

test("a dropped folder keeps its shape, and its empty folder", async ({ page, bucket, folder }) => {
  await document(folder, "Project/plan.txt", "a plan");
  await document(folder, "Project/drawings/north.svg", "<svg/>");
  await mkdir(join(folder, "Project/empty"), { recursive: true });
  await document(folder, "loose.txt", "beside it");
  await openListing(page, "Team/");
  await drop(page, [join(folder, "Project"), join(folder, "loose.txt")]);
  await uploaded(page, 4);
  await expect(row(page, "Project")).toBeVisible();
  await expect(row(page, "loose.txt")).toBeVisible();
  const keys = ["Project/drawings/north.svg", "Project/empty/", "Project/plan.txt", "loose.txt"];
  expect(await bucket.keys("Team/")).toEqual(keys.map((key) => `Team/${key}`));
  expect((await bucket.get("Team/Project/plan.txt")).toString()).toBe("a plan");
});

test("a picked folder keeps its shape", async ({ page, bucket, folder }) => {
  await document(folder, "Project/plan.txt", "a plan");
  await document(folder, "Project/drawings/north.svg", "<svg/>");
  await openListing(page);
  await pick(page, join(folder, "Project"), "Upload folder");
  await uploaded(page, 2);
  await expect(row(page, "Project")).toBeVisible();
  expect(await bucket.keys()).toEqual(["Project/drawings/north.svg", "Project/plan.txt"]);
});

test("the overlay names the target; a folder's row takes the drop instead", async ({ page, bucket, folder }) => {
  await bucket.put("Reports/2026/plan.txt", "a plan");
  await openListing(page, "Reports/");
  const file = await document(folder, "dropped.bin", bytes("dropped", 3 * KiB));

  const drag = await Drag.over(page, [file]);
  const overlay = page.getByText(/Drop files to upload to/);
  await expect(overlay).toContainText("Reports");
  await drag.leave();
  await expect(overlay).toBeHidden();
  expect(await bucket.keys()).toEqual(["Reports/2026/plan.txt"]);

  await drop(page, [file], row(page, "2026"));
  await uploaded(page, 1);
  expect(await bucket.keys()).toEqual(["Reports/2026/dropped.bin", "Reports/2026/plan.txt"]);
});

test("a name that cannot be is refused with the reason, and the others go", async ({ page, bucket, folder }) => {
  const [odd, fine] = [await document(folder, "a\u0001b.txt", "odd"), await document(folder, "fine.txt", "fine")];
  await openListing(page);
  await pick(page, [odd, fine]);
  await expect(row(page, "fine.txt")).toBeVisible();
  await expect(upload(page, "a\u2401b.txt")).toContainText("control character (U+0001)");
  expect(await bucket.keys()).toEqual(["fine.txt"]);
});

test("leaving during an upload is asked about, and a download is not leaving", async ({ page, context, bucket, folder }) => {
  await bucket.put("other.txt", "other");
  const gate = await Gate.behind(context, 2);
  await openListing(page);
  await pick(page, await document(folder, "large.bin", bytes("large", 40 * MiB)));
  await expect.poll(() => gate.held).toBeGreaterThan(0);
  const questions: string[] = [];
  page.on("dialog", async (question) => {
    questions.push(question.type());
    await question.dismiss();
  });

  const started = page.waitForEvent("download");
  await row(page, "other.txt").getByRole("link", { name: "other.txt", exact: true }).click();
  await started;
  expect(questions).toEqual([]);

  await page.close({ runBeforeUnload: true });
  await expect.poll(() => questions).toEqual(["beforeunload"]);
  await gate.open();
  await uploaded(page, 1);
});

test("a download that fails during an upload is told", { tag: "@firefox" }, async ({ page, context, bucket, folder }) => {
  await bucket.putAll([["gone.txt", "gone"], ["there.txt", "there"]]);
  const gate = await Gate.behind(context, 2);
  await openListing(page);
  await pick(page, await document(folder, "large.bin", bytes("large", 40 * MiB)));
  await expect.poll(() => gate.held).toBeGreaterThan(0);
  const trouble = page.getByText("The download did not begin.");

  const started = page.waitForEvent("download");
  await row(page, "there.txt").getByRole("link", { name: "there.txt", exact: true }).click();
  await started;
  await expect(trouble).toBeHidden();

  await bucket.delete("gone.txt");
  await row(page, "gone.txt").getByRole("link", { name: "gone.txt", exact: true }).click();
  await expect(trouble).toBeVisible();
  const opened = context.waitForEvent("page");
  await page.getByRole("link", { name: "See why, in a new window" }).click();
  await expect((await opened).getByRole("heading", { level: 1 })).toHaveText("Not found");
  await gate.open();
  await uploaded(page, 1);
});

test("a refresh that fails takes nothing away and is made up for", async ({ page, bucket, folder }) => {
  await bucket.put("old.txt", "old");
  await openListing(page);
  const lists = "**/api/list_objects*";
  let failed = 0;
  await page.route(lists, (route) => {
    failed += 1;
    return route.fulfill({ status: 503, contentType: "text/html", body: "<html>503 Service Unavailable</html>" });
  });
  await pick(page, await document(folder, "new.txt", "new"));
  await uploaded(page, 1);
  await expect.poll(() => failed).toBeGreaterThan(0);
  await expect(row(page, "old.txt")).toBeVisible();
  // Files can still be dropped: the page knows where to.
  await pick(page, await document(folder, "newer.txt", "newer"));
  await uploaded(page, 2);
  await page.unroute(lists);
  await expect(row(page, "new.txt")).toBeVisible();
  await expect(row(page, "newer.txt")).toBeVisible();
});

test("an upload goes on while the person looks elsewhere in the portal", async ({ page, context, bucket, folder }) => {
  await bucket.put("Elsewhere/x.txt", "x");
  const gate = await Gate.behind(context, 2);
  await openListing(page);
  await pick(page, await document(folder, "large.bin", bytes("large", 40 * MiB)));
  await expect.poll(() => gate.held).toBeGreaterThan(0);
  await page.getByRole("link", { name: "Elsewhere" }).click();
  await expect(page).toHaveURL(listing("Elsewhere/"));
  await gate.open();
  await uploaded(page, 1);
  expect(sha256(await bucket.get("large.bin"))).toBe(sha256(bytes("large", 40 * MiB)));
});
