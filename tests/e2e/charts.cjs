// Uses the charts of a report in headless Chromium and prints what is wrong as a JSON list of texts.
//
//     node charts.cjs REPORT.html WIDTH...
//
// Every chart must show values at the pointer and under the arrow keys, leave with Escape, mark the chosen step,
// and let it be chosen by a click. It can be zoomed. Nothing may be reported on the console.

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

// What the axes of a chart cover: x from, to, whether logarithmic; the same of y.
const covered = async (chart) => (await chart.locator("svg").first().getAttribute("data-plot")).split(" ").slice(4).map(Number);
const isWithin = (inner, outer) => [0, 3].every((at) => inner[at] >= outer[at] && inner[at + 1] <= outer[at + 1]
  && inner[at + 1] - inner[at] < outer[at + 1] - outer[at]);

// The wheel with ctrl, a drag, a rectangle and keys zoom and move a chart, whose values stay right; the whole comes back.
async function zoom(page, faults) {
  const chart = page.locator("[data-chart]").first();
  const expect = (holds, what) => { if (!holds) faults.add(`zoom: ${what}`); };
  await show(page, chart);
  const whole = await covered(chart);
  const isWhole = async () => String(await covered(chart)) === String(whole);
  const box = await chart.locator("svg").first().boundingBox();
  const middle = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(...middle);
  await page.mouse.wheel(0, -1);
  expect(await isWhole(), "the wheel by itself zooms");
  await show(page, chart);
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -250);
  await page.keyboard.up("Control");
  await show(page, chart);
  const zoomed = await covered(chart);
  expect(isWithin(zoomed, whole), `the wheel with ctrl shows ${zoomed}`);
  const tip = chart.locator(".tip");
  await page.mouse.move(middle[0] + 5, middle[1]);
  const step = Number(/(\d+)$/.exec(await tip.locator("strong").innerText())[1]);
  expect(step > zoomed[0] && step < zoomed[1], `step ${step} is shown between ${zoomed[0]} and ${zoomed[1]}`);
  const address = page.url();
  await page.mouse.down();
  await page.mouse.move(middle[0] + 80, middle[1], { steps: 4 });
  await page.mouse.up();
  const moved = await covered(chart);
  expect(moved[0] < zoomed[0] && moved[1] < zoomed[1], `a drag shows ${moved} after ${zoomed}`);
  expect(page.url() === address, "a drag chooses a step");
  await chart.focus();
  await page.keyboard.press("0");
  expect(await isWhole(), "0 does not show the whole");
  await page.keyboard.press("+");
  const nearer = await covered(chart);
  expect(isWithin(nearer, whole), "+ does not zoom");
  await page.keyboard.press("-");
  expect(await isWhole(), "− does not come back");
  await chart.getByRole("button", { name: /^Zoom/ }).click();
  await page.mouse.move(middle[0] - 100, middle[1] - 60);
  await page.mouse.down();
  await page.mouse.move(middle[0], middle[1] + 40, { steps: 4 });
  expect(await chart.locator(".brush").count() === 1, "no rectangle is drawn");
  await page.mouse.up();
  expect(isWithin(await covered(chart), whole), "a rectangle does not zoom");
  expect(await chart.locator(".brush").count() === 0, "the rectangle stays");
  await chart.getByRole("button", { name: /^Show the whole/ }).click();
  expect(await isWhole(), "Whole does not show the whole");
  await page.keyboard.down("Shift");
  await page.mouse.move(middle[0] - 100, middle[1] - 60);
  await page.mouse.down();
  await page.mouse.move(middle[0], middle[1] + 40, { steps: 4 });
  await page.mouse.up();
  await page.keyboard.up("Shift");
  expect(isWithin(await covered(chart), whole), "a drag with shift does not zoom");
  await page.mouse.dblclick(...middle);
  expect(await isWhole(), "a double click does not show the whole");
}

// Two fingers that part zoom.
async function pinch(browser, faults, file) {
  const page = await open(browser, faults, file, "", { viewport: { width: 390, height: 800 }, hasTouch: true });
  const chart = page.locator("[data-chart]").first();
  await show(page, chart);
  const whole = await covered(chart);
  const box = await chart.locator("svg").first().boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const session = await page.context().newCDPSession(page);
  const touch = (type, apart) => session.send("Input.dispatchTouchEvent", {
    type, touchPoints: apart === null ? [] : [{ x: x - apart, y, id: 0 }, { x: x + apart, y, id: 1 }],
  });
  await touch("touchStart", 30);
  for (const apart of [40, 55, 70]) await touch("touchMove", apart);
  await touch("touchEnd", null);
  await show(page, chart);
  if (!isWithin(await covered(chart), whole)) faults.add(`zoom: two fingers show ${await covered(chart)} of ${whole}`);
  await page.close();
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
    if (width > 700) await zoom(page, faults);
    await page.close();
  }
  await pinch(browser, faults, file);
  return faults;
}

module.exports = use;
if (require.main === module) main(use);
