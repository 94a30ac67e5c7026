import { AxeBuilder } from "@axe-core/playwright";
import { SCENES } from "../fixtures/scenes.ts";
import { expect, test } from "../fixtures/test.ts";

/** WCAG 2.2 AA and everything below it, and axe's good habits. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

for (const [name, prepare] of Object.entries(SCENES)) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`${name}, ${colorScheme}: axe finds nothing`, async ({ page, context, bucket, folder }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await prepare({ page, context, bucket, folder });
      const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`)).toEqual([]);
    });
  }

  test(`${name}, 320 px wide: nothing scrolls sideways`, async ({ page, context, bucket, folder }) => {
    await page.setViewportSize({ width: 320, height: 640 });
    await prepare({ page, context, bucket, folder });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(320);
    for (const control of await page.getByRole("button").or(page.getByRole("link")).all()) {
      const box = await control.boundingBox();
      if (!box || box.width === 0) continue;
      expect(box.x, await control.innerText()).toBeGreaterThanOrEqual(0);
      expect(box.x + box.width, await control.innerText()).toBeLessThanOrEqual(320);
    }
  });
}

test.describe("from the keyboard", () => {
  test("Tab reaches everything that can be clicked, and shows where it is", async ({ page, context, bucket, folder }) => {
    await SCENES.list!({ page, context, bucket, folder });
    const expected = await page.getByRole("link").or(page.getByRole("button")).count();
    const reached = new Set<string>();
    for (let step = 0; step < 3 * expected; step++) {
      await page.keyboard.press("Tab");
      const focus = await page.evaluate(() => {
        const element = document.activeElement;
        if (!element || element === document.body) return null;
        const style = getComputedStyle(element);
        const shown = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
        const all = [...document.querySelectorAll("*")];
        return { id: String(all.indexOf(element)), name: element.outerHTML.slice(0, 120), shown };
      });
      if (!focus || reached.has(focus.id)) break;
      reached.add(focus.id);
      expect(focus.shown, `focus is visible on ${focus.name}`).toBe(true);
    }
    expect(reached.size).toBeGreaterThanOrEqual(expected);
  });

  test("a document is opened, its link copied and an upload decided without a mouse", async ({ page, context, bucket, folder }) => {
    await SCENES.panel!({ page, context, bucket, folder });
    await page.getByRole("button", { name: "Keep both" }).focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => bucket.keys("Finance/2026/Notes")).toEqual(["Finance/2026/Notes (2).md", "Finance/2026/Notes.md"]);
  });
});
