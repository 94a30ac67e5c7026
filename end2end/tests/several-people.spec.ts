import type { BrowserContext } from "@playwright/test";
import { MiB, bytes, document, sha256 } from "../fixtures/documents.ts";
import { conflict, openListing, pick, row, uploaded } from "../fixtures/pages.ts";
import { expect, test } from "../fixtures/test.ts";

test("two tabs upload at once and do not meet", async ({ page, context, bucket, folder }) => {
  const other = await context.newPage();
  await openListing(page, "a/");
  await openListing(other, "b/");
  const [first, second] = [bytes("first", 40 * MiB), bytes("second", 40 * MiB)];
  await pick(page, await document(folder, "first/same.bin", first));
  await pick(other, await document(folder, "second/same.bin", second));
  await uploaded(page, 1);
  await uploaded(other, 1);
  expect(sha256(await bucket.get("a/same.bin"))).toBe(sha256(first));
  expect(sha256(await bucket.get("b/same.bin"))).toBe(sha256(second));
});

test("two tabs want one name: the second person is asked", async ({ page, context, bucket, folder }) => {
  const other = await context.newPage();
  await openListing(page);
  await openListing(other);
  await pick(page, await document(folder, "first/same.bin", "first"));
  await expect(row(page, "same.bin")).toBeVisible();
  await pick(other, await document(folder, "second/same.bin", "second"));
  await expect(conflict(other, "same.bin")).toBeVisible();
  expect((await bucket.get("same.bin")).toString()).toBe("first");
});

test.describe("behind a proxy that signs people in", () => {
  const SECRET = "a-secret-of-at-least-thirty-two-characters";
  test.use({ settings: { CAUSEWAY_IDENTITY: "header", CAUSEWAY_IDENTITY_SECRET: SECRET } });

  /** What the proxy adds to every request to the portal, and to no other. */
  const signIn = (context: BrowserContext, origin: string, user: string) =>
    context.route(`${origin}/**`, (route) =>
      route.continue({
        headers: { ...route.request().headers(), "x-forwarded-user": user, "x-causeway-secret": SECRET },
      }),
    );

  test("an upload's ticket is worth nothing to somebody else", async ({ page, context, browser, bucket, portal, folder }) => {
    await signIn(context, portal.origin, "first@corp.example");
    await openListing(page);
    const created = page.waitForResponse((answer) => answer.url().endsWith("/api/uploads/create"));
    await pick(page, await document(folder, "mine.bin", bytes("mine", 40 * MiB)));
    const [{ created: { transfer } }] = await (await created).json();
    await uploaded(page, 1);

    const elsewhere = await browser.newContext();
    await signIn(elsewhere, portal.origin, "second@corp.example");
    const stranger = await elsewhere.newPage();
    await stranger.goto(`${portal.origin}/b/files`);
    const { ticket } = transfer.multipart;
    for (const [call, body] of [
      ["presign", { ticket, parts: [1] }],
      ["parts", { ticket }],
      ["complete", { ticket }],
      ["abort", { ticket }],
    ] as const) {
      const status = await stranger.evaluate(
        async ([url, json]) =>
          (await fetch(url!, { method: "POST", body: json, headers: { "content-type": "application/json" } })).status,
        [`/api/uploads/${call}`, JSON.stringify(body)],
      );
      expect(status, call).toBe(403);
    }
    expect(sha256(await bucket.get("mine.bin"))).toBe(sha256(bytes("mine", 40 * MiB)));
    await elsewhere.close();
  });

  test("who is not signed in sees no list", async ({ page, portal }) => {
    const answer = await page.goto(`${portal.origin}/b/files`);
    expect(answer!.status()).toBe(401);
    await expect(page.getByRole("row")).toHaveCount(0);
  });
});
