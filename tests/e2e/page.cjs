// Opens a report page in headless Chromium and prints what is wrong with it as a JSON list of texts.
//
//     node page.cjs REPORT.html [--paper] [FOLDER-FOR-SCREENSHOTS]
//
// A report must stand alone: no error on the console, no request beyond the file itself. It must fit a
// phone (360 px), a tablet (768 px), a desk (1280 px) and a projector (1920 px), light and dark, with text that can be
// read on its ground, and axe-core must find no violation. What stands in tables is printed; with --paper nothing may be
// wider than the paper, which would make everything smaller.

const fs = require("node:fs");
const path = require("node:path");
const { main, open } = require("./browser.cjs");

const WIDTHS = { light: [360, 768, 1280, 1920], dark: [360, 1280] };
const PAPER = 703; // A4 between margins of 12 mm
const LEAST_CONTRAST = 4.5; // WCAG AA for body text

// Runs in the page.
function look() {
  const root = document.documentElement;
  const rgb = (text) => (text.match(/[\d.]+/g) || []).map(Number);
  const opaque = (colour) => colour.length < 4 || colour[3] > 0;
  const canvas = document.createElement("i");
  canvas.style.backgroundColor = "Canvas";
  document.body.append(canvas);
  const grounds = [document.body, root, canvas].map((e) => rgb(getComputedStyle(e).backgroundColor));
  canvas.remove();
  const luminance = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [low, high] = [rgb(getComputedStyle(document.body).color), grounds.find(opaque)].map(luminance).sort((a, b) => a - b);
  const wide = root.scrollWidth > root.clientWidth
    ? [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > root.clientWidth + 1)
        .slice(0, 3).map((e) => `<${e.tagName.toLowerCase()}${e.className ? ` class="${e.className}"` : ""}>`)
    : [];
  return {
    title: document.title.trim(), language: root.lang, words: document.body.innerText.trim().length,
    overflow: root.scrollWidth - root.clientWidth, wide, contrast: (high + 0.05) / (low + 0.05),
    broken: [...document.images].filter((image) => !image.complete || image.naturalWidth === 0).length,
  };
}

// What paper leaves out of what the screen has: rows of tables that are not folded. Runs in the page.
function unprinted() {
  const rows = [...document.querySelectorAll("main tbody tr")].filter((row) => !row.closest("details:not([open])"));
  return rows.filter((row) => row.checkVisibility && !row.checkVisibility()).map((row) => row.innerText.slice(0, 60));
}

// What axe-core finds fault with. It looks into the page from the outside: the page's policy lets no other script in.
async function accessibility(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("Page.setBypassCSP", { enabled: true });
  await page.evaluate(fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8"));
  const { violations } = await page.evaluate(() => window.axe.run());
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes[0].html.slice(0, 120)}`);
}

// How much wider than the paper a page is, printed as it opens.
async function beyondPaper(browser, faults, file) {
  const page = await open(browser, faults, file, "", { viewport: { width: PAPER, height: 1000 } });
  await page.emulateMedia({ media: "print" });
  await page.waitForTimeout(300);
  const { overflow, wide } = await page.evaluate(look);
  await page.close();
  if (overflow > 0) faults.add(`${overflow} px wider than the paper: ${wide.join(" ")}`);
}

main(async (browser) => {
  const [file, screenshots] = process.argv.slice(2).filter((one) => one !== "--paper");
  const faults = new Set();
  for (const [colorScheme, widths] of Object.entries(WIDTHS)) {
    for (const width of widths) {
      const where = `at ${width} px, ${colorScheme}`;
      const page = await open(browser, faults, file, "", { viewport: { width, height: 800 }, colorScheme });
      await page.waitForTimeout(300);
      // What is off the screen counts too.
      await page.addStyleTag({ content: "main > section { content-visibility: visible !important; }" });
      const seen = await page.evaluate(look);
      if (!seen.title) faults.add("no title");
      if (!seen.language) faults.add("no language");
      if (seen.words < 100) faults.add(`only ${seen.words} characters of text ${where}`);
      if (seen.overflow > 0) faults.add(`${seen.overflow} px too wide ${where}: ${seen.wide.join(" ")}`);
      if (seen.contrast < LEAST_CONTRAST) faults.add(`contrast ${seen.contrast.toFixed(1)} ${where}`);
      for (const violation of await accessibility(page)) faults.add(`${violation} ${where}`);
      if (seen.broken) faults.add(`${seen.broken} broken images ${where}`);
      if (screenshots) {
        await page.screenshot({ path: path.join(screenshots, `report-${width}-${colorScheme}.png`), fullPage: true });
      }
      await page.emulateMedia({ media: "print" });
      for (const row of await page.evaluate(unprinted)) faults.add(`is not printed: ${row}`);
      await page.close();
    }
  }
  if (process.argv.includes("--paper")) await beyondPaper(browser, faults, file);
  return faults;
});
