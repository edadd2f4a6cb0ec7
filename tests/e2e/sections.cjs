// Uses the page of a comparison or of derivatives in headless Chromium and prints what is wrong as a JSON list of texts.
//
//     node sections.cjs table PAGE.html           the charts of a table, its rows and the cursor of both
//     node sections.cjs training PAGE.html        a training's charts, its network and their cursor
//     node sections.cjs derivatives PAGE.html x 3     the numbers when x goes to 3: the page must be that of x^2*y and 5*x + sin(y)

const { main, open } = require("./browser.cjs");

const text = (page, selector) => page.locator(selector).first().innerText();
const drawn = (page) => page.waitForFunction(() => [...document.querySelectorAll("[data-chart]")].every((one) => one.querySelector("svg")));

async function table(page, expect) {
  await drawn(page);
  expect(await page.locator("td.where svg.strip").count() === await page.locator(".by-column tbody tr").count(), "a column has no strip");
  const row = () => text(page, ".beside thead .here");
  const first = await row();
  await page.locator(".pager button").last().click();
  const later = await row();
  expect(first !== later, "the rows do not go on");
  // The chart is read with the arrow keys, and chooses the row.
  const chart = page.locator("[data-chart]").first();
  await chart.focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Home");
  expect((await text(page, ".tip")).includes("theirs"), "the chart does not tell what the keys lead to");
  await page.keyboard.press("Enter");
  const begin = (await text(page, ".pager span")).match(/\d+/g);
  expect(await row() === `row ${begin[2]}`, `Enter leads to ${await row()}, not to row ${begin[2]}`);
  const select = page.locator(".chooser select");
  const title = () => chart.locator("title").first().textContent();
  const before = await title();
  await select.selectOption({ index: 1 });
  expect(await title() !== before, "another column is not drawn");
  expect((await text(page, ".beside tbody th")).length > 0, "the rows have no names");
}

async function training(page, expect) {
  await drawn(page);
  const boxes = page.locator(".network .node");
  expect(await boxes.count() > 3, "the network is not drawn");
  const value = () => boxes.first().locator(".value").textContent();
  const at = await value();
  await page.locator(".network [type=range]").focus();
  await page.keyboard.press("End");
  expect(await value() !== at, "the network does not follow the iteration");
  expect((await text(page, ".network output")).trim().match(/^(\d+) of \1$/), "the last iteration is not told");
  await page.locator(".network .plots").focus();
  await page.keyboard.press("ArrowLeft");
  expect((await text(page, ".network .read")).includes("Computed from"), "a cell is not told");
  await page.locator("[data-chart]").first().focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  expect(await value() === at, "a chart does not lead back to the first iteration");
}

async function derivatives(page, expect, name, value) {
  await drawn(page);
  const charts = page.locator("[data-chart]");
  const field = page.getByLabel(name, { exact: true });
  await field.fill(value);
  await field.press("Enter");
  const entries = await page.locator("[data-matrix=Jacobian] .numeric mtd").allTextContents();
  expect(entries[0] === String(2 * value * 2) && entries[1] === String(value ** 2), `at ${value} the Jacobian has ${entries}`);
  const gates = await page.locator("#gates-1").locator("xpath=..").locator("tbody tr").last().locator("td").allTextContents();
  expect(Number(gates[0]) === value ** 2 * 2, `at ${value} the gates end in ${gates[0]}`);
  expect((await text(page, "[data-matrix=Jacobian] summary")).includes("central differences"), "the check does not follow");
  // The point is dragged on the first chart.
  const spot = charts.first().locator(".start-spot");
  await spot.scrollIntoViewIfNeeded();
  const box = await spot.boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x - 60, y, { steps: 4 });
  await page.mouse.up();
  const moved = Number(await field.inputValue());
  expect(moved < value - 0.1, `dragging leads to ${moved}`);
  const there = await page.locator("[data-matrix=Jacobian] .numeric mtd").first().textContent();
  expect(Math.abs(Number(there.replace("−", "-")) - 4 * moved) < 1e-4 * Math.max(Math.abs(moved), 1), `at ${moved} the Jacobian has ${there}`);
  // So it is on the map, in both directions by keys.
  const [map, other] = [charts.last(), page.getByLabel("y", { exact: true })];
  expect(await map.locator(".contour").count() > 2 && await map.locator(".gradient").count() === 1, "the map has no lines or no gradient");
  const height = Number(await other.inputValue());
  await map.focus();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  expect(Number(await other.inputValue()) > height, "the keys do not lead up on the map");
  await page.getByRole("button", { name: /^Back to/ }).click();
  expect(await field.inputValue() === "1", "the given point does not come back");
}

async function sections(browser, [which, file, ...more]) {
  const faults = new Set();
  const expect = (holds, what) => { if (!holds) faults.add(what); };
  const page = await open(browser, faults, file, "", { viewport: { width: 1280, height: 900 } });
  await { table, training, derivatives }[which](page, expect, ...more);
  await page.close();
  return faults;
}

module.exports = sections;
if (require.main === module) main(sections);
