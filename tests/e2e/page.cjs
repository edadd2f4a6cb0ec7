// Opens a report page in headless Chromium and prints what is wrong with it as a JSON list of texts.
//
//     node page.cjs REPORT.html [--paper] [--axe=light,dark] [FOLDER-FOR-SCREENSHOTS]
//
// A report must stand alone: no error on the console, no request beyond the file itself. It must fit a
// phone (360 px), a tablet (768 px), a desk (1280 px) and a projector (1920 px), light and dark, with text that can be
// read on its ground, and axe-core must find no violation. What stands in tables is printed; with --paper nothing may be
// wider than the paper, which would make everything smaller, whatever fonts the reader's machine has.
//
// The page is loaded once light and narrow and once dark and wide, and from there goes to the other widths as a window
// does: axe-core, which takes longer than all else, sees both schemes and both layouts so, not each of the six views; --axe says in which of the two it looks.

const fs = require("node:fs");
const path = require("node:path");
const { main, open } = require("./browser.cjs");

const WIDTHS = { light: [360, 768, 1280, 1920], dark: [1280, 360] };
const PAPER = 703; // A4 between margins of 12 mm
// Besides the page's own: wider ones, among them those whose every letter is as wide as an m. Where one is missing, the
// browser takes another.
const FONTS = ["DejaVu Sans", "DejaVu Sans Mono", "Liberation Mono"];
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
// Only that comes back from there: to hand over what it has found right, thousands of elements, takes longer than to look.
async function accessibility(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("Page.setBypassCSP", { enabled: true });
  await page.evaluate(fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8"));
  return page.evaluate(async () => {
    const { violations } = await window.axe.run({ resultTypes: ["violations"] });
    return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes[0].html.slice(0, 120)}`);
  });
}

// Waits until the page has been drawn anew.
async function drawn(page) {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

// How much wider than the paper a page is that is printed, in its own font and in others.
async function beyondPaper(page, faults) {
  await page.setViewportSize({ width: PAPER, height: 1000 });
  for (const font of ["", ...FONTS]) {
    if (font) await page.addStyleTag({ content: `* { font-family: "${font}" !important; }` });
    await drawn(page);
    const { overflow, wide } = await page.evaluate(look);
    if (overflow > 0) faults.add(`${overflow} px wider than the paper${font && ` in ${font}`}: ${wide.join(" ")}`);
  }
}

async function examine(browser, given) {
  const [file, screenshots] = given.filter((one) => !one.startsWith("--"));
  const examined = (given.find((one) => one.startsWith("--axe=")) ?? "light,dark").replace("--axe=", "").split(",");
  const faults = new Set();
  for (const [colorScheme, widths] of Object.entries(WIDTHS)) {
    const page = await open(browser, faults, file, "", { viewport: { width: widths[0], height: 800 }, colorScheme });
    // What is off the screen counts too.
    await page.addStyleTag({ content: "main > section { content-visibility: visible !important; }" });
    for (const width of widths) {
      const where = `at ${width} px, ${colorScheme}`;
      await page.setViewportSize({ width, height: 800 });
      await drawn(page);
      const seen = await page.evaluate(look);
      if (!seen.title) faults.add("no title");
      if (!seen.language) faults.add("no language");
      if (seen.words < 100) faults.add(`only ${seen.words} characters of text ${where}`);
      if (seen.overflow > 0) faults.add(`${seen.overflow} px too wide ${where}: ${seen.wide.join(" ")}`);
      if (seen.contrast < LEAST_CONTRAST) faults.add(`contrast ${seen.contrast.toFixed(1)} ${where}`);
      if (seen.broken) faults.add(`${seen.broken} broken images ${where}`);
      if (width === widths[0] && examined.includes(colorScheme)) {
        for (const violation of await accessibility(page)) faults.add(`${violation} ${where}`);
      }
      if (screenshots) {
        await page.screenshot({ path: path.join(screenshots, `report-${width}-${colorScheme}.png`), fullPage: true });
      }
    }
    await page.emulateMedia({ media: "print" });
    for (const row of await page.evaluate(unprinted)) faults.add(`is not printed: ${row}`);
    if (colorScheme === "light" && given.includes("--paper")) await beyondPaper(page, faults);
    await page.close();
  }
  return faults;
}

module.exports = examine;
if (require.main === module) main(examine);
