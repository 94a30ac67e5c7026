import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { Page } from "@playwright/test";
import { askForLink, openListing } from "../fixtures/pages.ts";
import { expect, test } from "../fixtures/test.ts";

const NAME = "budget 2026 \u00fc.csv";
const CONTENT = "department,amount\nresearch,1200\n";

test.use({ permissions: ["clipboard-read", "clipboard-write"] });
test.beforeEach(({ bucket }) => bucket.put(`Finance/${NAME}`, CONTENT));

/** Copies a link to the document as a person does, and answers what the clipboard holds then. */
async function copyLink(page: Page, life = "7 days"): Promise<string> {
  await openListing(page, "Finance/");
  const dialog = await askForLink(page, NAME);
  await dialog.getByRole("button", { name: life }).click();
  await expect(dialog.getByRole("status")).toContainText("Link copied. Works until");
  return page.evaluate(() => navigator.clipboard.readText());
}

test("a copied link gives the document to a colleague in a private window", async ({ page, browser }) => {
  const link = await copyLink(page, "1 day");
  const window = await browser.newContext();
  const colleague = await window.newPage();
  const started = colleague.waitForEvent("download");
  // A download ends the navigation that began it.
  await colleague.goto(link).catch(() => undefined);
  const file = await started;
  expect(file.suggestedFilename()).toBe(NAME);
  expect(await readFile(await file.path(), "utf8")).toBe(CONTENT);
  await window.close();
});

test("a copied link works with curl -L", async ({ page, portal }) => {
  const link = await copyLink(page);
  const port = new URL(portal.origin).port;
  const { stdout } = await promisify(execFile)("curl", ["-sSfL", "--resolve", `*:${port}:127.0.0.1`, link]);
  expect(stdout).toBe(CONTENT);
});

test("a link whose time is over says until when it worked", async ({ page, portal }) => {
  const form = { bucket: "files", key: `Finance/${NAME}`, expires_in_s: "1" };
  const made = await page.request.post("/api/create_share_link", { form, headers: { origin: portal.origin } });
  const { url, expires_at } = await made.json();
  // The portal's clock is the real one here, and one second is the shortest life that a link can have.
  await page.waitForTimeout(Math.max(0, expires_at - Date.now()) + 50);
  const answer = await page.goto(url);
  expect(answer!.status()).toBe(410);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("This link has ended");
  await expect(page.getByRole("main")).toContainText("It worked until");
});

test("a tampered link is refused in plain words", async ({ page }) => {
  const link = await copyLink(page);
  const answer = await page.goto(link.replace(/.$/, (last) => (last === "A" ? "Q" : "A")));
  expect(answer!.status()).toBe(404);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("This link is not valid");
});

test("a link to an object that was deleted says so", async ({ page, bucket }) => {
  const link = await copyLink(page);
  await bucket.delete(`Finance/${NAME}`);
  const answer = await page.goto(link);
  expect(answer!.status()).toBe(404);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("The file is no longer there");
});

test("a link does not give away what took the name later", async ({ page, bucket }) => {
  const link = await copyLink(page);
  await bucket.put(`Finance/${NAME}`, "salaries");
  const answer = await page.goto(link);
  expect(answer!.status()).toBe(404);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("The file was replaced");
});

test.describe("where the clipboard is closed to the page", () => {
  test.use({ permissions: [] });

  test("the link has the focus and is selected, to be copied by hand", { tag: "@firefox" }, async ({ page }) => {
    await page.addInitScript(() => {
      Object.defineProperty(navigator, "clipboard", { value: { writeText: () => Promise.reject(new Error("closed")) } });
    });
    await openListing(page, "Finance/");
    const dialog = await askForLink(page, NAME);
    await dialog.getByRole("button", { name: "1 hour" }).click();
    await expect(dialog.getByRole("status")).toContainText("copy it with Ctrl+C");
    const field = dialog.getByRole("textbox", { name: "Link" });
    const selected = () =>
      field.evaluate((it: HTMLInputElement) => it.selectionStart === 0 && it.selectionEnd === it.value.length);
    await expect(field).toBeFocused();
    expect(await selected()).toBe(true);
    await dialog.getByRole("button", { name: "Copy", exact: true }).click();
    await expect(field).toBeFocused();
    expect(await selected()).toBe(true);
  });
});

test.describe("on a portal whose links live a minute", () => {
  test.use({ settings: { CAUSEWAY_MAX_LINK_S: "60" } });

  test("no longer life is offered than the portal allows", async ({ page }) => {
    await openListing(page, "Finance/");
    const dialog = await askForLink(page, NAME);
    await expect(dialog.getByRole("group").getByRole("button")).toHaveText(["1 minute"]);
  });
});
