import { chromium } from "@playwright/test";
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox","--disable-gpu","--disable-quic","--disable-background-networking","--disable-component-update","--disable-sync"] });
const p = await b.newPage();
p.on("console", m => console.log("CONSOLE", m.type(), m.text().slice(0,3000)));
p.on("pageerror", e => console.log("PAGEERROR", (e.stack||e).toString().slice(0,3000)));
p.on("requestfailed", r => console.log("FAILED", r.url(), r.failure().errorText));
await p.goto("http://localhost:3000/b/files"); await p.waitForTimeout(4000);
await p.screenshot({ path: "/tmp/an/p.png" });
await b.close();
