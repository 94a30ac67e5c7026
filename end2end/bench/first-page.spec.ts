// What the first visit to a listing transfers, by asset, as the browser counts it on the wire.
import type { Locator } from "@playwright/test";
import { document } from "../fixtures/documents.ts";
import { listing, panel, pick } from "../fixtures/pages.ts";
import { expect, test } from "../fixtures/test.ts";

/** The aim for everything that the first page needs: 180 kB. */
const AIM_BYTES = 180_000;

test("the first listing's transfer, brotli", async ({ page, bucket, folder }) => {
  for (let at = 0; at < 100; at++) await bucket.put(`Reports/${at} summary.pdf`, "x");
  const wire = await page.context().newCDPSession(page);
  await wire.send("Network.enable");
  const loaded = new Map<string, { name: string; bytes: number }>();
  wire.on("Network.responseReceived", ({ requestId, response }) => {
    const encoding = response.headers["content-encoding"] ?? "as it is";
    loaded.set(requestId, { name: `${new URL(response.url).pathname} (${encoding})`, bytes: 0 });
  });
  wire.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const asset = loaded.get(requestId);
    if (asset) asset.bytes = encodedDataLength;
  });
  await page.goto(listing("Reports/"), { waitUntil: "networkidle" });
  await expect(page.getByRole("button", { name: "Upload files" })).toBeVisible();

  const assets = [...loaded.values()].sort((a, b) => b.bytes - a.bytes);
  const sum = assets.reduce((bytes, asset) => bytes + asset.bytes, 0);
  const lines = assets.map(({ name, bytes }) => `${kib(bytes)}  ${name}`);
  const reached = sum <= AIM_BYTES ? "reached" : "NOT reached";
  lines.push(`${kib(sum)}  in all; aim: at most ${kib(AIM_BYTES).trim()}: ${reached}`);
  console.log(`\nfirst listing, 100 rows, headers counted\n${lines.join("\n")}`);
  expect(assets.some(({ name }) => name.includes(".wasm (br)"))).toBe(true);

  // What comes later, in this order: each shares something with those before. That it is optimised harms none of it.
  const lateBytes = () =>
    [...loaded.values()].reduce((bytes, { name, bytes: more }) => bytes + (name.startsWith("/pkg/late.") ? more : 0), 0);
  let before = 0;
  const told = async (part: string, isThere: Locator) => {
    await expect(isThere).toBeVisible();
    console.log(`${kib(lateBytes() - before)}  more with ${part}`);
    before = lateBytes();
  };
  await page.getByRole("link", { name: "Files" }).click();
  await told("another listing", page.getByRole("link", { name: "Reports" }));
  await page.getByRole("link", { name: "Reports" }).click();
  await page.getByRole("button", { name: "Copy link 1 summary.pdf" }).click();
  await told("the panel of links", page.getByRole("dialog", { name: "Copy link" }));
  await page.keyboard.press("Escape");
  await pick(page, await document(folder, "new.txt", "new"));
  await told("the panel of uploads", panel(page).getByRole("heading", { name: "1 item uploaded" }));
});

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1).padStart(8)} KiB`;
}
