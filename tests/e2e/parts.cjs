// Opens a report page in headless Chromium at a step and prints what the sections that look into it show, as JSON.
//
//     node parts.cjs REPORT.html '#run=adam&step=30' ...
//
// For each address: the console's errors, which step each section says it shows, and every number by its name.

const { go, main, open } = require("./browser.cjs");

// Runs in the page.
function look() {
  const values = {};
  for (const place of document.querySelectorAll(".part [data-v]")) (values[place.dataset.v] ||= new Set()).add(place.textContent);
  const heights = (kind) => [...document.querySelectorAll(`#remembered-content .weights .${kind}`)]
    .reduce((sum, bar) => sum + Number(bar.getAttribute("height")), 0);
  return {
    shows: [...document.querySelectorAll("[data-shows]")].map((place) => place.textContent),
    values: Object.fromEntries(Object.entries(values).map(([name, texts]) => [name, [...texts]])),
    bars: [...document.querySelectorAll("#split-content [data-bar]")].map((bar) => bar.getAttribute("class")),
    chosen: [...document.querySelectorAll("#limits-content .chosen th")].map((cell) => cell.textContent),
    before: heights("before"), after: heights("after"),
  };
}

// The weights of past gradients, read with the keys and at the pointer: texts.
async function read(page) {
  const chart = page.locator("#remembered-content .weights").first();
  if (await chart.count() === 0) return [];
  const texts = [];
  const told = async () => texts.push(await page.locator("#remembered-content .read").first().textContent());
  await chart.scrollIntoViewIfNeeded();
  await page.keyboard.press("Tab");
  await chart.focus();
  await told();
  await page.keyboard.press("ArrowLeft");
  await told();
  const bar = await chart.locator("rect[data-back='2']").first().boundingBox();
  await page.mouse.move(bar.x + bar.width / 2, bar.y + bar.height / 2);
  await told();
  await page.mouse.move(1, 1);
  return texts;
}

async function follow(browser, given) {
  const [file, ...addresses] = given;
  const [faults, seen] = [new Set(), []];
  const page = await open(browser, faults, file);
  for (const address of addresses) {
    // The same page goes from step to step, as a reader does.
    await go(page, file, address);
    await page.waitForTimeout(200);
    seen.push({ ...await page.evaluate(look), read: await read(page) });
  }
  // Without its script the page has the first step.
  const plain = await open(browser, faults, file, "", { javaScriptEnabled: false });
  const still = {};
  for (const place of await plain.$$(".part [data-v]")) {
    (still[await place.getAttribute("data-v")] ||= []).push(await place.textContent());
  }
  return { faults, seen, still };
}

module.exports = follow;
if (require.main === module) main(follow);
