import { chromium } from "playwright-core"; import { spawn } from "node:child_process"; import { mkdtempSync } from "node:fs";
const port = 21300, dir = mkdtempSync("/tmp/cwtry-");
const s = spawn(process.env.CAUSEWAY_BIN, [], { env: { ...process.env, CAUSEWAY_LISTEN: `127.0.0.1:${port}`, CAUSEWAY_DATA_DIR: dir }, stdio: ["ignore","ignore","inherit"] });
await new Promise(r => setTimeout(r, 1500));
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const p = await b.newPage();
p.on("pageerror", e => console.log("PAGEERROR", e.message, e.stack?.slice(0, 1500)));
p.on("console", async m => { console.log(m.type(), m.text()); for (const a of m.args()) { const t = await a.evaluate(n => n instanceof Node ? [n.nodeType, n.outerHTML ?? n.nodeValue, n.parentElement?.outerHTML?.slice(0,300), n.previousSibling?.nodeType, n.previousSibling?.outerHTML ?? n.previousSibling?.nodeValue] : null).catch(()=>null); if (t) console.log("NODE", t); } });
for (const path of process.argv.slice(2)) { console.log("==", path); await p.goto(`http://localhost:${port}${path}`); await p.waitForTimeout(6000); console.log("buttons:", await p.locator(".upload-buttons").evaluate(e => e.hidden).catch(()=>"none")); }
await b.close(); s.kill("SIGINT");
