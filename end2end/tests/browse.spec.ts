import { names, openListing, listing, row } from "../fixtures/pages.ts";
import { Portal } from "../fixtures/portal.ts";
import { freePort } from "../fixtures/ports.ts";
import { expect, test } from "../fixtures/test.ts";

test("a person goes down to a document and up again", { tag: "@firefox" }, async ({ page, bucket }) => {
  await bucket.put("Reports/2026/Q1/summary.pdf", "a summary");
  await bucket.put("Reports/2026/plan.txt", "a plan");
  await bucket.put("read me first.txt", "hello");

  await openListing(page);
  await page.getByRole("link", { name: "Reports" }).click();
  await page.getByRole("link", { name: "2026" }).click();
  await expect(page).toHaveURL(listing("Reports/2026/"));
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("2026");
  await expect(row(page, "Q1")).toBeVisible();
  await expect(row(page, "plan.txt")).toContainText(/6\s?(B|byte)/);

  const crumbs = page.getByRole("navigation", { name: "Folders above" });
  await crumbs.getByRole("link", { name: "Reports" }).click();
  await expect(row(page, "2026")).toBeVisible();
  await crumbs.getByRole("link", { name: "Files" }).click();
  await expect(row(page, "read me first.txt")).toBeVisible();
  await page.goBack();
  await expect(row(page, "2026")).toBeVisible();
});

test("Back leads back from the start page of a portal with one bucket", async ({ page, bucket }) => {
  await bucket.put("Reports/plan.txt", "a plan");
  await openListing(page, "Reports/");
  await page.getByRole("link", { name: "Causeway" }).click();
  await expect(page).toHaveURL(listing());
  await expect(row(page, "Reports")).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL(listing("Reports/"));
  await expect(row(page, "plan.txt")).toBeVisible();
});

test("the focus goes along from page to page, also to and from the list of buckets", async ({ page }) => {
  const port = await freePort();
  const buckets = ["files", "more"].map((name) => ({ name, public_host: `${name}.localhost:${port}` }));
  const settings = { CAUSEWAY_STORAGE: "embedded", CAUSEWAY_BUCKETS: JSON.stringify(buckets) };
  const portal = await Portal.start({ ...settings, CAUSEWAY_LISTEN: `127.0.0.1:${port}` });
  const heading = (name: string) => page.getByRole("heading", { level: 1, name });
  await page.goto(`${portal.origin}/b/files`);
  await expect(page.getByRole("button", { name: "Upload files" })).toBeVisible();
  await page.getByRole("link", { name: "Causeway" }).click();
  await expect(heading("Buckets")).toBeFocused();
  await page.getByRole("main").getByRole("link", { name: "more" }).click();
  await expect(heading("more")).toBeFocused();
  await portal.remove();
});

test("a deep link opens the level it names", async ({ page, bucket }) => {
  await bucket.put("a b/c+d/100%/deep.txt", "deep");
  await page.goto(listing("a b/c+d/100%/"));
  await expect(row(page, "deep.txt")).toBeVisible();
  await expect(page).toHaveTitle(/100%/);
});

test("folders stand before objects, each in the order of S3", async ({ page, bucket }) => {
  for (const key of ["b.txt", "a/x", "B.txt", "c/x", "a.txt"]) await bucket.put(key, "x");
  await openListing(page);
  expect((await names(page)).map((name) => name.trim())).toEqual(["a", "c", "B.txt", "a.txt", "b.txt"]);
});

test("more than one page: every object is reached exactly once", async ({ page, bucket }) => {
  const keys = Array.from({ length: 450 }, (_, i) => `many/${String(i).padStart(4, "0")}.txt`);
  await bucket.putAll(keys.map((key) => [key, key]));
  await openListing(page, "many/");

  const seen: string[] = [];
  for (;;) {
    const here = (await names(page)).map((name) => name.trim());
    seen.push(...here);
    const next = page.getByRole("link", { name: "Next page" });
    if (!(await next.isVisible())) break;
    await next.click();
    await expect(row(page, here[0]!)).toBeHidden();
  }
  expect(seen).toEqual(keys.map((key) => key.replace("many/", "")));
  await page.getByRole("link", { name: "First page" }).click();
  await expect(row(page, "0000.txt")).toBeVisible();
});

test("the list as a screen reader meets it", async ({ page, bucket }) => {
  await bucket.put("Reports/plan.txt", "a plan");
  await bucket.put("budget.csv", "a,b\n1,2\n");
  await openListing(page);
  await expect(page.getByRole("main")).toMatchAriaSnapshot(`
    - heading "Files" [level=1]
    - search:
      - searchbox "Names that start with"
    - button "Upload files"
    - button "Upload folder"
    - table "Folders and files in Files":
      - rowgroup:
        - row "Name Size Modified Actions":
          - columnheader "Name"
          - columnheader "Size"
          - columnheader "Modified"
          - columnheader "Actions"
      - rowgroup:
        - row "Reports":
          - rowheader "Reports":
            - link "Reports"
          - cell
          - cell
          - cell
        - row /^budget.csv /:
          - rowheader "budget.csv":
            - link "budget.csv"
          - cell /^8/
          - cell /20\\d\\d/
          - cell:
            - link "Download budget.csv"
            - button "Copy link budget.csv"
    - paragraph: 1 folder, 1 file
  `);
});
