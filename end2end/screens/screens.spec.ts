// The pictures in docs/screens: the scenes, wide, narrow and dark.
import { fileURLToPath } from "node:url";
import { SCENES } from "../fixtures/scenes.ts";
import { test } from "../fixtures/test.ts";

const FOLDER = fileURLToPath(new URL("../../docs/screens/", import.meta.url));

/** The shape of one picture: which scene, how wide, and in which colours. */
type Picture = { scene: string; name: string; width: number; height: number; colorScheme: "light" | "dark" };

const wide = { width: 1200, height: 760 };
const narrow = { width: 320, height: 640 };

const pictures: Picture[] = [
  ...Object.keys(SCENES).map((scene) => ({ scene, name: scene, ...wide, colorScheme: "light" as const })),
  { scene: "list", name: "list-narrow", ...narrow, colorScheme: "light" },
  { scene: "list", name: "list-dark", ...wide, colorScheme: "dark" },
  { scene: "panel", name: "panel-narrow-dark", ...narrow, colorScheme: "dark" },
  { scene: "overlay", name: "overlay-dark", ...wide, colorScheme: "dark" },
  { scene: "error", name: "error-narrow", ...narrow, colorScheme: "light" },
];

for (const { scene, name, width, height, colorScheme } of pictures) {
  test(name, async ({ page, context, bucket, folder }) => {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await SCENES[scene]!({ page, context, bucket, folder });
    await page.evaluate(settle);
    await page.screenshot({ path: `${FOLDER}${name}.png`, animations: "disabled", caret: "hide" });
  });
}

/** A picture must not change with the day, the machine and the chance of the run in which it is taken. */
function settle(): void {
  for (const [at, time] of [...document.querySelectorAll("time")].entries()) {
    const instant = new Date(Date.UTC(2026, 2, 3 + at, 8 + (at % 9), (at * 17) % 60));
    time.textContent = instant.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });
  }
  for (const incident of document.querySelectorAll("code")) incident.textContent = "k3w9hq27vx5tm8rd";
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode as Text;
    text.data = text.data.replace(/[\d.]+ [kM]B\/s/, "4.2 MB/s").replace(/, [^,]+ left$/, ", 10 s left");
  }
}
