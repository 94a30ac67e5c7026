import type { Page } from "@playwright/test";
import { document } from "../fixtures/documents.ts";
import { download, openListing, panel, pick, uploaded } from "../fixtures/pages.ts";
import { expect, test } from "../fixtures/test.ts";

const LATE = "**/pkg/late.*";

// The loaders tell the log of code that did not come.
test.use({ expectedComplaint: /^TypeError: Failed to fetch/ });

/** What the page asks the portal for, by path, from now on. */
function asked(page: Page): string[] {
  const paths: string[] = [];
  page.on("request", (request) => paths.push(new URL(request.url()).pathname));
  return paths;
}

const alert = (page: Page) => page.getByRole("alert").filter({ hasText: "A part of this page could not be loaded" });

test("the first page leaves the panels' code where it is until somebody is about to use it @firefox", async ({
  page,
  bucket,
}) => {
  await bucket.put("a.txt", "a");
  const paths = asked(page);
  await openListing(page);
  await page.waitForLoadState("networkidle");
  const late = () => paths.filter((path) => path.startsWith("/pkg/late.") || path.startsWith("/pkg/uploader."));
  expect(late()).toEqual([]);

  await page.getByRole("button", { name: "Copy link a.txt" }).focus();
  await expect.poll(() => late().length, "the panel of links is fetched").toBeGreaterThan(0);
  expect(late().some((path) => path.startsWith("/pkg/uploader."))).toBe(false);
});

test("a panel of links that does not come is told where it is seen, and comes with the next click", async ({ page, bucket }) => {
  await bucket.putAll(Array.from({ length: 60 }, (_, i) => [`b ${i}.txt`, "b"] as const));
  await bucket.put("a.txt", "a");
  await openListing(page);
  await page.route(LATE, (route) => route.abort());
  const button = page.getByRole("button", { name: "Copy link a.txt" });
  await button.click();
  await expect(alert(page)).toBeInViewport();
  await page.getByRole("button", { name: "Close" }).click();
  await expect(alert(page)).toBeHidden();
  await button.click();
  await expect(alert(page)).toBeInViewport();
  await page.unroute(LATE);
  await button.click();
  await expect(page.getByRole("dialog", { name: "Copy link" })).toBeVisible();
  await expect(alert(page)).toBeHidden();
});

test("an uploader that does not come is told, nothing is lost by leaving, and the next try uploads", async ({
  page,
  bucket,
  folder,
}) => {
  const file = await document(folder, "a.txt", "a");
  await openListing(page);
  await page.route(LATE, (route) => route.abort());
  await pick(page, file);
  await expect(alert(page)).toBeVisible();
  await expect(panel(page)).toBeHidden();
  await page.unroute(LATE);
  await pick(page, file);
  await uploaded(page, 1);
  await expect(alert(page)).toBeHidden();
  expect((await bucket.get("a.txt")).toString()).toBe("a");
});

test("a listing whose code does not come is told, and the next try loads the page anew", async ({ page, bucket }) => {
  await bucket.put("Reports/a.txt", "a");
  await openListing(page);
  await page.route(LATE, (route) => route.abort());
  await page.getByRole("link", { name: "Reports" }).click();
  const problem = page.getByRole("heading", { name: "This could not be loaded", level: 1 });
  await expect(problem).toBeVisible();
  await expect(page).toHaveTitle("This could not be loaded · Causeway");
  await page.unroute(LATE);
  await page.getByRole("link", { name: "Try again" }).click();
  await expect(page.getByRole("link", { name: "a.txt", exact: true })).toBeVisible();
  await expect(page).toHaveTitle("Reports · Causeway");
});

/** As after an update, for whatever has not been asked for by the time that the first `code` comes. */
async function codeIsGoneAfter(code: Promise<unknown>, page: Page): Promise<void> {
  await code;
  await page.route(LATE, (route) => route.fulfill({ status: 404 }));
}

test("who is about to upload can go on through the portal though its code is gone", async ({ page, bucket, folder }) => {
  const file = await document(folder, "b.txt", "b");
  await bucket.put("Reports/a.txt", "a");
  await openListing(page);
  const [chooser, code] = [page.waitForEvent("filechooser"), page.waitForResponse(LATE)];
  await page.getByRole("button", { name: "Upload files" }).click();
  const dialog = await chooser;
  await codeIsGoneAfter(code, page);
  await dialog.setFiles(file);
  await uploaded(page, 1);
  await expect(page.getByRole("link", { name: "b.txt", exact: true })).toBeVisible();
  await page.getByRole("link", { name: "Reports" }).click();
  await expect(page.getByRole("link", { name: "a.txt", exact: true })).toBeVisible();
  await expect(panel(page)).toBeVisible();
});

test("who has pointed at any link of the portal gets on though its code is gone", async ({ page, bucket }) => {
  await bucket.put("Reports/a.txt", "a");
  await openListing(page);
  await page.route(LATE, (route) => route.abort());
  const failed = page.waitForEvent("requestfailed");
  await page.getByRole("link", { name: "Causeway" }).hover();
  await failed;
  await page.unroute(LATE);
  // What could not be loaded is asked for again with the next one.
  const code = page.waitForResponse(LATE);
  let hasCome = false;
  code.then(() => (hasCome = true));
  const pointsAgain = async () => {
    await page.mouse.move(0, 0);
    await page.getByRole("link", { name: "Causeway" }).hover();
    return hasCome;
  };
  await expect.poll(pointsAgain).toBe(true);
  await codeIsGoneAfter(code, page);
  await page.getByRole("link", { name: "Reports" }).click();
  await expect(page.getByRole("link", { name: "a.txt", exact: true })).toBeVisible();
});

test("a page that only says why there is no download loads no script", async ({ page }) => {
  const paths = asked(page);
  await page.goto(download("none.txt"), { waitUntil: "networkidle" });
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  expect(paths.filter((path) => /\.(js|wasm)$/.test(path))).toEqual([]);
});
