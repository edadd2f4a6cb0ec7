// Uses the charts of a sweep's page in headless Chromium and prints what is wrong as a JSON list of texts.
//
//     node swept.cjs SWEEP.html RUNS.json

const { readFileSync } = require("node:fs");
const { main, open } = require("./browser.cjs");

// Every cell has its run's RMSE; choosing one shows the command that traces it.
async function cells(page, expect, runs) {
  const drawn = await page.locator(".cell").evaluateAll((all) => all.map((one) => [Number(one.dataset.run), one.textContent]));
  for (const [index, text] of drawn) {
    const { rmse, diverged_at: lost } = runs[index];
    if (lost !== null) expect(/^div/.test(text), `run ${index} diverged and shows ${text}`);
    else if (!text.includes("10")) expect(Math.abs(Number(text) / rmse - 1) < 0.01, `run ${index} ended at ${rmse} and shows ${text}`);
  }
  const best = page.locator("rect.frame").last();
  await best.scrollIntoViewIfNeeded();
  const box = await best.boundingBox();
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
}

async function curve(page, expect, runs) {
  const svg = page.locator(".plots > svg").first();
  await svg.scrollIntoViewIfNeeded();
  const points = await svg.evaluate((one) => {
    const [left, top, width, height, x0, x1, , y0, y1, isLog] = one.dataset.plot.split(" ").map(Number);
    const path = one.querySelector("g[class^='run-'] > path").getAttribute("d");
    const places = path.split(/[ML]/).filter(Boolean).map((place) => place.split(" ").map(Number));
    return places.map(([x, y]) => [x0 * (x1 / x0) ** ((x - left) / width), isLog ? y0 * (y1 / y0) ** (1 - (y - top) / height) : y0 + (y1 - y0) * (1 - (y - top) / height), (y - top) / height]);
  });
  const first = runs.filter((run) => run.optimizer === runs[0].optimizer);
  if (first.every((run) => run.hyper.lr === first[0].hyper.lr)) points.length = 0;
  points.filter(([, , share]) => share > 0 && share < 1).forEach(([lr, rmse]) => {
    const run = first.find((one) => Math.abs(Math.log(one.hyper.lr / lr)) < 0.02);
    expect(run && Math.abs(run.rmse - rmse) < 0.01 * Math.max(run.rmse, 10), `a point at ${lr}, ${rmse} is no run`);
  });
  expect(await page.locator("circle.best").count() > 0, "the best run has no ring");
  await page.locator(".plots").first().focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
}

// The run that is open: it ends where the sweep says, is drawn, and follows a step; its address opens it.
async function opened(page, expect, runs) {
  const index = Number(/#run=(\d+)$/.exec(page.url())?.[1]);
  const { final, rmse } = runs[index];
  const place = page.locator(".opened:visible");
  const told = await place.locator("[role=status]").first().innerText();
  for (const [name, value] of Object.entries(final)) {
    const shown = Number(new RegExp(`${name} = ([−\\d.]*\\d)`).exec(told)?.[1].replace("−", "-"));
    expect(Math.abs(shown - value) <= 1e-5 * Math.abs(value), `run ${index} ends with ${name} ${value} and says: ${told}`);
  }
  const figure = place.locator("[data-figure=rmse]");
  await figure.scrollIntoViewIfNeeded();
  await place.locator("[data-figure=rmse] ~ details summary").first().click();
  const last = Number(await place.locator("table[data-of=rmse] td").last().getAttribute("title"));
  expect(Math.abs(last - rmse) <= 1e-9 * rmse, `the RMSE of run ${index} ends at ${last} instead of ${rmse}`);
  await place.locator("summary").last().click();
  const before = await place.locator("table").last().innerText();
  const loss = place.locator("[data-figure=loss] [data-chart]");
  await loss.scrollIntoViewIfNeeded();
  const box = await loss.locator("svg").boundingBox();
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  expect(await place.locator("table").last().innerText() !== before, "a click on a step does not show its numbers");
  await page.reload();
  await page.waitForFunction(() => document.querySelector(".opened [role=status]")?.textContent);
  expect(await page.locator(".opened [role=status]").first().innerText() === told, "a reload loses the run");
}

async function swept(browser, [file, json]) {
  const faults = new Set();
  const expect = (holds, what) => { if (!holds) faults.add(what); };
  const page = await open(browser, faults, file, "", { viewport: { width: 1280, height: 900 } });
  await page.waitForFunction(() => [...document.querySelectorAll(".plots")].every((one) => one.querySelector("svg")));
  const { runs } = JSON.parse(readFileSync(json, "utf8"));
  const isMap = await page.locator(".cell").count() > 0;
  await (isMap ? cells : curve)(page, expect, runs);
  const told = await page.locator(".picked:visible").first().innerText();
  expect(told.includes("gdtrace run "), `choosing a run shows no command: ${told}`);
  await opened(page, expect, runs);
  await page.close();
  return faults;
}

module.exports = swept;
if (require.main === module) main(swept);
