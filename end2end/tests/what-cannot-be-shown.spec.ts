import { download, listing } from "../fixtures/pages.ts";
import { expect, test } from "../fixtures/test.ts";

const problems = [
  { what: "a reserved prefix", path: listing(".causeway/"), status: 403, title: "Kept for the portal itself" },
  { what: "a bucket that is not ours", path: listing("", "elsewhere"), status: 404, title: "No such bucket" },
  { what: "an object that is not there", path: download("nothing.txt"), status: 404, title: "Not found" },
  { what: "a broken continuation token", path: "/b/files?from=broken", status: 400, title: "This page of the list is no longer there" },
  { what: "a prefix that is none", path: "/b/files?prefix=a", status: 400, title: "The address is not complete" },
  { what: "an address that is none", path: "/b/files/nothing", status: 404, title: "No such page" },
];

for (const { what, path, status, title } of problems) {
  test(`${what}: a page in plain words, with a way back`, async ({ page }) => {
    const answer = await page.goto(path);
    expect(answer!.status()).toBe(status);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(title);
    await page.getByRole("main").getByRole("link").first().click();
    await expect(page).toHaveURL("/b/files");
  });
}

test("an empty bucket says so and how to fill it", async ({ page }) => {
  await page.goto(listing());
  await expect(page.getByRole("heading", { level: 2 })).toHaveText("This bucket is empty");
  await expect(page.getByRole("main")).toContainText("Drop files here");
});

test("a prefix without objects has words of its own", async ({ page, bucket }) => {
  await bucket.put("somewhere/else.txt", "x");
  await page.goto(listing("nowhere/"));
  await expect(page.getByRole("heading", { level: 2 })).toHaveText("Nothing is stored here");
  await page.getByRole("link", { name: "Go up one folder" }).click();
  await expect(page.getByRole("link", { name: "somewhere" })).toBeVisible();
});

test.describe("without S3", () => {
  test.use({
    settings: {
      CAUSEWAY_STORAGE: "s3",
      // Nobody listens on the discard port of a machine of this century.
      CAUSEWAY_S3_ENDPOINT: "http://127.0.0.1:9",
      CAUSEWAY_S3_PATH_STYLE: "true",
      CAUSEWAY_REGION: "default",
      CAUSEWAY_BUCKETS: '[{"name":"files","public_host":"files.localhost:9"}]',
      CAUSEWAY_LINK_KEYS: `test:${Buffer.alloc(32, 7).toString("base64")}`,
      AWS_ACCESS_KEY_ID: "nobody",
      AWS_SECRET_ACCESS_KEY: "nothing",
    },
  });

  test("a person reads that the storage does not answer, with an incident to quote", async ({ page, portal }) => {
    const answer = await page.goto(listing());
    expect(answer!.status()).toBe(502);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("S3 does not answer");
    const incident = await page.getByText("Incident").getByRole("code").textContent();
    expect(portal.log).toContain(incident);
    expect((await page.request.get("/readyz")).status()).toBe(503);
    expect((await page.request.get("/healthz")).status()).toBe(200);
  });
});
