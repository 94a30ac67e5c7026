import { readFile } from "node:fs/promises";
import { MiB, bytes, document, sha256 } from "../fixtures/documents.ts";
import { listenerRules } from "../fixtures/load-balancer.ts";
import { type Mode, expect, test } from "../fixtures/network-path.ts";
import { openListing, pick, row } from "../fixtures/pages.ts";

const MODES: Mode[] = ["bucket-named host", "host rewrite"];

for (const mode of MODES) {
  test.describe(mode, () => {
    test.use({ mode });

    test("browse, upload and download through the load balancer", async ({ page, bucket, folder, names, balancer, send }) => {
      await bucket.put("Team/plan +1.txt", "a plan");
      await openListing(page, "Team/", bucket.name);
      await expect(row(page, "plan +1.txt")).toBeVisible();
      const hosts = new Set<string>();
      page.on("request", (request) => hosts.add(new URL(request.url()).host));

      for (const [name, size] of Object.entries({ "small.bin": 100_000, "large #1.bin": 20 * MiB })) {
        const content = bytes(name, size);
        await pick(page, await document(folder, name, content));
        await expect(row(page, name)).toBeVisible();
        expect(sha256(await bucket.get(`Team/${name}`))).toBe(sha256(content));
        const started = page.waitForEvent("download");
        await row(page, name).getByRole("link", { name, exact: true }).click();
        expect(sha256(await readFile(await (await started).path()))).toBe(sha256(content));
      }
      expect([...hosts].sort()).toEqual([names.filesHost, "portal.corp.example"]);

      // A link for a colleague, and the health check: the rules that a signed-in person's day does not touch.
      expect((await send("GET", "portal.corp.example", "/healthz")).status).toBe(200);
      const rules = await listenerRules();
      const used = await balancer.rulesUsed();
      expect(rules.rules.map((rule) => rule.name).filter((name) => !used.has(name))).toEqual([]);
    });

    test("what no rule allows never reaches S3", async ({ portal, bucket, names, toS3, send, sendPlain }) => {
      await bucket.put("secret.txt", "secret");
      const { default_action, response_headers } = await listenerRules();
      const asked = await send("GET", "portal.corp.example", `/api/get_url?key=secret.txt&expiration=60&bucket=${names.bucket}`);
      const url = new URL(JSON.parse(asked.body).s3_presigned_url);
      expect(url.origin).toBe(`https://${names.filesHost}`);
      const signed = url.pathname + url.search;

      const refused: [why: string, method: string, host: string, target: string][] = [
        ["no signature", "GET", names.filesHost, url.pathname],
        ["a signature in the path", "GET", names.filesHost, `${url.pathname}%3FX-Amz-Signature=1`],
        ["a parameter that only ends like it", "GET", names.filesHost, `${url.pathname}?No-X-Amz-Signature=1`],
        ["a listing", "GET", names.filesHost, "/?list-type=2"],
        ["DELETE", "DELETE", names.filesHost, signed],
        ["POST", "POST", names.filesHost, signed],
        ["PATCH", "PATCH", names.filesHost, signed],
        ["another host", "GET", "elsewhere.example", signed],
        ["another bucket's host", "GET", `other-${names.filesHost}`, signed],
        ["S3's own host", "GET", "s3.peer.example", `/${names.bucket}${signed}`],
        ["S3's own host of the bucket", "GET", `${names.bucket}.s3.peer.example`, signed],
        ["an address", "GET", "127.0.0.1", signed],
      ];
      toS3.take();
      for (const [why, method, host, target] of refused) {
        const answer = await send(method, host, target);
        expect([answer.status, answer.headers["content-type"], answer.body], why).toEqual([
          default_action.status,
          default_action.content_type,
          default_action.body,
        ]);
      }
      // The portal's host with a signature is still the portal's, and the files host never is.
      expect((await send("GET", "portal.corp.example", signed)).headers["content-security-policy"]).toBeDefined();
      expect((await send("GET", names.filesHost, "/healthz")).body).toBe(default_action.body);
      expect(toS3.take(), "bytes that reached S3").toBe(0);

      const answer = await send("GET", names.filesHost, signed);
      expect([answer.status, answer.body]).toEqual([200, "secret"]);
      expect(toS3.take()).toBeGreaterThan(0);
      for (const [name, value] of Object.entries(response_headers.set)) {
        expect(answer.headers[name.toLowerCase()], name).toBe(value);
      }
      const plain = await sendPlain(names.filesHost, signed);
      expect([plain.status, plain.headers.location]).toEqual([301, url.href]);
      expect(portal.log).not.toContain(url.searchParams.get("X-Amz-Signature"));
    });
  });
}
