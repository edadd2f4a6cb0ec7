// Uses the charts of a report in headless Chromium and prints what is wrong as a JSON list of texts.
//
//     node charts.cjs REPORT.html WIDTH...
//
// Every chart must show values at the pointer and under the arrow keys, leave with Escape, mark the chosen step,
// and let it be chosen by a click. Nothing may be reported on the console.

const { main, open } = require("./browser.cjs");

// Scrolls to an element and waits until it is drawn: what is off the screen is not.
async function show(page, element) {
  await element.scrollIntoViewIfNeeded();
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

async function check(page, faults, index, width) {
  const chart = page.locator("[data-chart]").nth(index);
  const name = `chart ${index} (${await chart.getAttribute("aria-label")}) at ${width} px`;
  const expect = (holds, what) => { if (!holds) faults.add(`${name}: ${what}`); };
  const tip = chart.locator(".tip");
  await show(page, chart);
  const svg = chart.locator("svg:visible").first();
  expect(await svg.count() === 1, "no drawing is seen");
  expect(await svg.locator(".chosen > *").count() >= 1, "the chosen step is not marked");
  const box = await svg.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  expect(await tip.isVisible(), "no values at the pointer");
  expect(/\d/.test(await tip.innerText()), "no number at the pointer");
  expect(await svg.locator(".hover .cross-hair").count() === 1, "no line at the pointer");
  const place = await tip.boundingBox();
  expect(place && place.x >= -1 && place.x + place.width <= width + 1, "the values leave the page");
  await page.mouse.move(box.x + box.width / 2, box.y - 60);
  expect(!await tip.isVisible(), "the values stay when the pointer leaves");
  await chart.focus();
  await page.keyboard.press("ArrowRight");
  expect(await tip.isVisible(), "no values under the arrow keys");
  const first = await tip.innerText();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  expect(await tip.innerText() !== first, "the arrow keys do not move");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  expect(await tip.innerText() === first, "the arrow keys do not come back");
  await page.keyboard.press("Escape");
  expect(!await tip.isVisible(), "Escape does not leave");
}

async function choose(page, faults) {
  const loss = page.locator("[data-chart]").first();
  const svg = loss.locator("svg:visible").first();
  const marks = () => page.locator("g.chosen").evaluateAll((groups) => groups.map((group) => group.innerHTML));
  const before = await marks();
  await show(page, svg);
  const box = await svg.boundingBox();
  await page.mouse.click(box.x + box.width * 0.57, box.y + box.height / 2);
  const after = await marks();
  if (!/&(step|row)=\d+/.test(new URL(page.url()).hash)) faults.add(`a click chooses no step: ${page.url()}`);
  after.forEach((mark, index) => { if (mark === before[index]) faults.add(`mark ${index} stays where it was`); });
  const chosen = /&(?:step|row)=(\d+)/.exec(new URL(page.url()).hash)[1];
  const shown = await loss.locator(".tip strong").innerText();
  if (!shown.endsWith(` ${chosen}`)) faults.add(`the click chose ${chosen}, shown was ${shown}`);
}

async function use(browser, given) {
  const faults = new Set();
  const [file, ...widths] = given;
  for (const width of widths.map(Number)) {
    const page = await open(browser, faults, file, "", { viewport: { width, height: 900 } });
    const charts = await page.locator("[data-chart]").count();
    if (charts < 5) faults.add(`only ${charts} charts`);
    for (let index = 0; index < charts; index += 1) await check(page, faults, index, width);
    await choose(page, faults);
    await page.close();
  }
  return faults;
}

module.exports = use;
if (require.main === module) main(use);
