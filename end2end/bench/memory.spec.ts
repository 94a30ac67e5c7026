// The server's memory: after its start, and after ten thousand listings.
import { readFile } from "node:fs/promises";
import { Agent, get } from "node:http";
import { listing } from "../fixtures/pages.ts";
import { expect, test } from "../fixtures/test.ts";

const REQUESTS = 10_000;
const AT_ONCE = 8;

test("the server's memory, idle and after 10,000 requests", async ({ portal, bucket }) => {
  await bucket.put("a.txt", "a");
  const idle = await resident(portal.processId);
  const address = new URL(listing(), portal.origin);
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const begun = performance.now();
  let left = REQUESTS;
  const lane = async () => {
    while (left-- > 0) expect(await status(address, agent)).toBe(200);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  const taken_s = (performance.now() - begun) / 1000;
  agent.destroy();
  const busy = await resident(portal.processId);
  console.log(
    `\nmemory, resident: ${idle} MiB idle, ${busy} MiB after ${REQUESTS} listings` +
      ` (${Math.round(REQUESTS / taken_s)} a second over ${AT_ONCE} connections)`,
  );
});

/** Resident memory of a process, in MiB. */
async function resident(processId: number | undefined): Promise<number> {
  const known = await readFile(`/proc/${processId}/status`, "utf8");
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(known)?.[1]) / 1024);
}

/** Reads a whole answer and tells its status. The name in `address` is this machine, whatever Node makes of it. */
function status(address: URL, agent: Agent): Promise<number> {
  const { host, port, pathname: path } = address;
  return new Promise((answer, fail) => {
    get({ host: "127.0.0.1", port, path, agent, headers: { host, accept: "text/html" } }, (response) => {
      response.resume().on("end", () => answer(response.statusCode ?? 0));
    }).on("error", fail);
  });
}
