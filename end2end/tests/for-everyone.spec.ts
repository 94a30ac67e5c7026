import { AxeBuilder } from "@axe-core/playwright";
import { document } from "../fixtures/documents.ts";
import { Gate } from "../fixtures/gate.ts";
import { conflict, openListing, panel, pick, uploaded } from "../fixtures/pages.ts";
import { SCENES } from "../fixtures/scenes.ts";
import { expect, test } from "../fixtures/test.ts";

/** WCAG 2.2 AA and everything below it, and axe's good habits. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

for (const [name, prepare] of Object.entries(SCENES)) {
  test(`${name}: axe finds nothing, in light and in dark, and nothing scrolls sideways at 320 px`, async ({
    page,
    context,
    bucket,
    folder,
  }) => {
    await page.emulateMedia({ reducedMotion: "reduce" });
    await prepare({ page, context, bucket, folder });

    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      // Its colours come with the next frame.
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
      const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`);
      expect.soft(found, colorScheme).toEqual([]);
    }

    await page.setViewportSize({ width: 320, height: 640 });
    expect(await page.evaluate(() => window.document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    for (const control of await page.getByRole("button").or(page.getByRole("link")).all()) {
      const box = await control.boundingBox();
      // What waits off the screen for the keyboard, such as "Skip to content", is as small as a point.
      if (!box || box.width <= 1) continue;
      const where = `${await control.innerText()} ${await control.getAttribute("aria-label")}`;
      expect(box.x, where).toBeGreaterThanOrEqual(0);
      expect(box.x + box.width, where).toBeLessThanOrEqual(320);
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
        const { activeElement: element, body } = window.document;
        if (!element || element === body) return null;
        const style = getComputedStyle(element);
        const shown = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
        const all = [...window.document.querySelectorAll("*")];
        return { id: String(all.indexOf(element)), name: element.outerHTML.slice(0, 120), shown };
      });
      if (!focus || reached.has(focus.id)) break;
      reached.add(focus.id);
      expect(focus.shown, `focus is visible on ${focus.name}`).toBe(true);
    }
    expect(reached.size).toBeGreaterThanOrEqual(expected);
  });

  test("nothing that has the focus lies behind the panel of uploads", async ({ page, bucket, folder }) => {
    await bucket.putAll(Array.from({ length: 30 }, (_, i) => [`there ${i}.txt`, "there"] as const));
    const files = await Promise.all(Array.from({ length: 20 }, (_, i) => document(folder, `new ${i}.txt`, "new")));
    await openListing(page);
    await pick(page, files);
    await uploaded(page, files.length);
    await page.getByRole("heading", { level: 1 }).focus();
    for (let reached = 0; reached < 60; reached++) {
      await page.keyboard.press("Tab");
      const [name, isHidden] = await page.evaluate(() => {
        const element = window.document.activeElement!;
        const { x, y, width, height } = element.getBoundingClientRect();
        const top = window.document.elementFromPoint(x + width / 2, y + height / 2);
        return [element.outerHTML.slice(0, 120), !top || !(element.contains(top) || top.contains(element))] as const;
      });
      expect(isHidden, name).toBe(false);
    }
  });

  test("the focus does not fall out of the page when a button goes away", async ({ page, context, folder }) => {
    const gate = await Gate.behind(context, 0);
    await openListing(page);
    await pick(page, [await document(folder, "a.txt", "a"), await document(folder, "b.txt", "b")]);
    await expect.poll(() => gate.held).toBe(2);
    const press = async (name: string) => {
      await panel(page).getByRole("button", { name, exact: true }).focus();
      await page.keyboard.press("Enter");
    };
    await press("Pause all");
    await expect(panel(page)).toBeFocused();
    await gate.open();
    await press("Resume all");
    await uploaded(page, 2);
    await expect(panel(page)).toBeFocused();
    await press("Clear finished");
    await expect(panel(page)).toBeHidden();
    await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
  });

  test("a document is got, its link copied and a taken name decided without a mouse", async ({ page, bucket, folder }) => {
    await bucket.put("notes.txt", "what was there");
    await openListing(page);
    const started = page.waitForEvent("download");
    await page.getByRole("link", { name: "notes.txt", exact: true }).focus();
    await page.keyboard.press("Enter");
    await started;

    const copy = page.getByRole("button", { name: "Copy link notes.txt" });
    await copy.focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("dialog")).toBeVisible();
    await page.keyboard.press("Tab");
    await expect(page.getByRole("button", { name: "Close" })).toBeFocused();
    await page.keyboard.press("Tab");
    await expect(page.getByRole("button", { name: "1 hour" })).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("textbox", { name: "Link" })).toHaveValue(/\/s\//);
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toBeHidden();
    await expect(copy).toBeFocused();

    await pick(page, await document(folder, "notes.txt", "what is new"));
    const keepBoth = conflict(page, "notes.txt").getByRole("button", { name: "Keep both" });
    await expect(keepBoth).toBeVisible();
    for (let step = 0; step < 40 && !(await keepBoth.evaluate((it) => it === window.document.activeElement)); step++) {
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
    await uploaded(page, 1);
    expect(await bucket.keys()).toEqual(["notes (2).txt", "notes.txt"]);
  });
});
