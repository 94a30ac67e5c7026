// What the first visit to a listing transfers, by asset, as the browser counts it on the wire.
import { listing } from "../fixtures/pages.ts";
import { expect, test } from "../fixtures/test.ts";

/** The aim for everything that the first page needs: 180 kB. */
const AIM_BYTES = 180_000;

test("the first listing's transfer, brotli", async ({ page, bucket }) => {
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

  // What is optimised works as what the tests load, and so do the parts that come later.
  await page.getByRole("button", { name: "Copy link 1 summary.pdf" }).click();
  await expect(page.getByRole("dialog", { name: "Copy link" })).toBeVisible();
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: "Files" }).click();
  await expect(page.getByRole("link", { name: "Reports" })).toBeVisible();
});

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1).padStart(8)} KiB`;
}
