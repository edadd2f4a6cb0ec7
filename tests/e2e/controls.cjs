// Plays with a report in headless Chromium as a reader does and prints what is wrong as a JSON list of texts.
//
//     node controls.cjs REPORT.html
//
// Every change must show in the charts, in the numbers that the page offers and in its address, survive a reload and be
// taken back by one button; what cannot be set is told.

const { main, open } = require("./browser.cjs");

const drawn = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
// What of a chart changes with the runs.
const lines = (page, figure) => page.locator(`[data-figure=${figure}] .plots > svg`).first()
  .evaluate((svg) => [...svg.querySelectorAll("g[class^='run-'] > path")].map((one) => one.getAttribute("d")).join(""));
const results = (page) => page.evaluate(() => window.gdtrace.results());
const hash = (page) => decodeURIComponent(new URL(page.url()).hash);

async function set(page, key, value) {
  const field = page.locator(`[id="gd-${key}"]`);
  await field.fill(String(value));
  await field.blur();
  await drawn(page);
}

// The table of results: its caption, and for each run its name and its first number.
const table = (page) => page.evaluate(() => {
  const caption = document.getElementById("results-caption");
  const rows = [...caption.closest("table").querySelectorAll("tbody tr")];
  return { caption: caption.textContent, rows: rows.map((row) => [row.cells[0].textContent, Number(row.cells[2].title || row.cells[2].textContent)]) };
});

async function change(page, expect) {
  const [before, line] = [await results(page), await lines(page, "loss")];
  const inFile = JSON.stringify(await table(page));
  await set(page, "sgd.lr", 0.00005);
  expect((await lines(page, "loss")) !== line, "a learning rate does not change the chart of the loss");
  const after = await results(page);
  expect(after.sgd.final.a !== before.sgd.final.a, "a learning rate does not change its run");
  expect(after.adam.final.a === before.adam.final.a, "a learning rate changes another run");
  const told = await table(page);
  expect(/as it is set now$/.test(told.caption), "the table of results does not say that it is of what is set");
  expect(told.rows.every(([name, a]) => a === after[name].final.a), `the table of results has others: ${JSON.stringify(told)}`);
  await page.waitForTimeout(400);
  expect(/sgd\.lr=0\.00005/.test(hash(page)), `the address does not say what is set: ${hash(page)}`);
  await page.reload();
  await page.waitForTimeout(300);
  expect((await results(page)).sgd.final.a === after.sgd.final.a, "a reload loses what is set");
  await page.locator(".opener").click();
  await set(page, "epochs", 3);
  expect((await results(page)).adam.rmse.length === 3, "the epochs do not change");
  await set(page, "sgd.lr", -1);
  expect(/must be in/.test(await page.locator(".fault").innerText()), "what cannot be set is not told");
  await page.locator(".reset").click();
  await drawn(page);
  expect(JSON.stringify(await results(page)) === JSON.stringify(before), "the button does not bring back what is in the file");
  expect(await page.locator(".fault").isHidden(), "the fault stays");
  expect(JSON.stringify(await table(page)) === inFile, "the table of results is not that of the file again");
}

async function slide(page, expect) {
  const slider = page.locator(".control", { has: page.locator("[id='gd-adam.lr']") }).locator("[type=range]");
  const line = await lines(page, "rmse");
  await slider.focus();
  for (let press = 0; press < 5; press += 1) await page.keyboard.press("ArrowRight");
  // What is off the screen is drawn when there is nothing else to do.
  const isChanged = async () => (await lines(page, "rmse")) !== line;
  for (let waits = 0; waits < 50 && !await isChanged(); waits += 1) await page.waitForTimeout(100);
  expect(await isChanged(), "a slider does not change the chart of the RMSE");
  expect(Number(await page.locator("[id='gd-adam.lr']").inputValue()) > 0.5, "a slider does not change its number");
  await page.locator(".reset").click();
  await drawn(page);
}

async function exchange(page, expect) {
  await page.locator(".add select").selectOption({ index: 0 });
  const name = await page.locator(".add select").inputValue();
  await page.locator(".add button").click();
  await drawn(page);
  expect(Object.keys(await results(page)).includes(name), `${name} is not added`);
  expect((await page.locator("[data-figure=rmse] .legend").innerText()).includes(name), `${name} is not in the legend`);
  await page.locator(`fieldset[data-name="${name}"] .off`).click();
  await page.locator("fieldset[data-name=momentum] .off").click();
  await drawn(page);
  expect(!("momentum" in await results(page)), "momentum is not taken off");
  await page.locator(".reset").click();
  await drawn(page);
  expect("momentum" in await results(page), "momentum does not come back");
}

// Two runs part where their weights first differ.
async function compare(page, expect) {
  const told = await page.locator(".apart p").innerText();
  const row = Number(/part at \w+ (\d+)/.exec(told)?.[1]);
  const [one, other] = await page.locator(".apart select").evaluateAll((all) => all.map((select) => select.value));
  const apart = await page.evaluate(([one, other]) => {
    const [a, b] = [one, other].map((name) => Object.entries(window.gdtrace.rows(name)).filter(([header]) => header.startsWith("new ")));
    return a[0][1].findIndex((_, at) => at > 0 && a.some(([, values], weight) => values[at] !== b[weight][1][at]));
  }, [one, other]);
  expect(row === apart, `${one} and ${other} part at ${apart}, told is: ${told}`);
}

// What is saved is a file of its kind, and holds what is on the page.
async function save(page, expect) {
  const read = async (name, click) => {
    const [download] = await Promise.all([page.waitForEvent("download"), click()]);
    const { readFileSync } = require("node:fs");
    return [download.suggestedFilename(), readFileSync(await download.path())];
  };
  const figure = page.locator("[data-figure=rmse]");
  const [svgName, svg] = await read("svg", () => figure.getByText("SVG", { exact: true }).click());
  expect(svgName.endsWith("-rmse.svg") && /^<svg[^>]* xmlns=/.test(svg.toString()) && svg.toString().includes("stroke-dasharray"), `no SVG: ${svgName} ${svg.toString().slice(0, 80)}`);
  const [, png] = await read("png", () => figure.getByText("PNG", { exact: true }).click());
  expect(png.subarray(1, 4).toString() === "PNG" && png.length > 5000, "no PNG");
  const [, csv] = await read("csv", () => figure.getByText("CSV", { exact: true }).click());
  const rows = csv.toString().trim().split("\n").map((row) => row.split(","));
  const { rmse } = (await results(page)).sgd;
  expect(rows[0][0] === "epoch" && Number(rows.at(-1)[1]) === rmse.at(-1), `the CSV is not the numbers: ${rows.at(-1)}`);
  const [, tex] = await read("tex", () => page.locator(".explorer .more button").click());
  expect(/\\begin\{align\*\}[^]*&=[^]*\\end\{align\*\}/.test(tex.toString()), "no LaTeX");
  await page.locator(".playbar .maker").click();
  const made = await page.locator("dialog pre").allInnerTexts();
  expect(made[0].startsWith("gdtrace run ") && made[0].includes("--optimizers") && made[1].includes("epochs = "), `no command: ${made}`);
  await page.getByRole("button", { name: "Close" }).click();
}

async function drag(page, expect) {
  await page.locator(".opener").click();
  const spot = page.locator("[data-figure=way] .start-spot");
  await spot.scrollIntoViewIfNeeded();
  await page.evaluate(() => document.querySelector("[data-figure=way]").scrollIntoView());
  await drawn(page);
  const before = (await page.evaluate(() => window.gdtrace.state()))["start.a"];
  const box = await spot.boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (const by of [10, 25, 40]) { await page.mouse.move(x + by, y - 10); await drawn(page); }
  const moved = await spot.boundingBox();
  await page.mouse.up();
  const after = (await page.evaluate(() => window.gdtrace.state()))["start.a"];
  expect(after > before, `the start cannot be dragged: ${before} ${after}`);
  expect(Math.abs(moved.x - box.x - 40) < 3, `the start is not at the pointer: ${moved.x - box.x}`);
  await page.locator(".reset").click();
  await drawn(page);
}

// A sample that is dragged moves in the data, in the address, and back.
async function dragSample(page, expect) {
  await page.evaluate(() => document.querySelector("[data-figure=fit]").scrollIntoView());
  await drawn(page);
  const svg = page.locator("[data-figure=fit] .plots > svg");
  const before = await results(page);
  const place = await svg.evaluate((one) => one.querySelector(".samples").getAttribute("d").split(/[Mh ]/).slice(1, 3).map(Number));
  const box = await svg.boundingBox();
  const [x, y] = [box.x + place[0], box.y + place[1]];
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (const by of [5, 20, 40]) { await page.mouse.move(x, y - by); await drawn(page); }
  await page.mouse.up();
  const state = await page.evaluate(() => window.gdtrace.state());
  expect("y[1]" in state && state["y[1]"] > 58, `the first sample cannot be dragged: ${JSON.stringify(state)}`);
  expect((await results(page)).sgd.start_rmse !== before.sgd.start_rmse, "a moved sample changes no run");
  await page.waitForTimeout(400);
  expect(/y\[1\]=/.test(hash(page)), `the address does not say what was moved: ${hash(page)}`);
  await page.locator(".reset").click();
  await drawn(page);
  expect(JSON.stringify(await results(page)) === JSON.stringify(before), "the sample does not come back");
}

async function play(page, expect) {
  await page.locator(".playbar .play").click();
  await page.waitForTimeout(900);
  await page.locator(".playbar .play").click();
  const place = await page.locator(".playbar .place").innerText();
  expect(Number(place.split(" ")[1]) >= 3, `playing does not move: ${place}`);
  await page.getByRole("button", { name: /^The next/ }).last().click();
  await drawn(page);
  expect(await page.locator(".playbar .place").innerText() !== place, "a step does not move");
}

async function controls(browser, [file]) {
  const faults = new Set();
  const page = await open(browser, faults, file, "", { viewport: { width: 1280, height: 900 } });
  const expect = (holds, what) => { if (!holds) faults.add(what); };
  await page.waitForFunction(() => [...document.querySelectorAll(".plots")].every((one) => one.querySelector("svg")));
  await page.locator(".opener").click();
  await change(page, expect);
  await slide(page, expect);
  await exchange(page, expect);
  await compare(page, expect);
  await drag(page, expect);
  await dragSample(page, expect);
  await save(page, expect);
  await play(page, expect);
  return faults;
}

module.exports = controls;
if (require.main === module) main(controls);
