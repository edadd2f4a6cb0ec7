// Drives the step explorer of a report in headless Chromium and prints what is wrong as a JSON list of texts.
//
//     node explorer.cjs REPORT.html CELLS.json [FOLDER-FOR-SCREENSHOTS]
//
// CELLS.json holds what the workbook has, {"adam": {"30": {"Z46": [number or text, formula], ...}, ...}, ...}: what the page
// shows of these rows must be the same, number for number and formula for formula.

const { readFileSync } = require("node:fs");
const path = require("node:path");
const { go, main, open: openFile } = require("./browser.cjs");

// What the explorer shows, as the page has it.
function look() {
  const explorer = document.querySelector(".explorer");
  const stage = [...explorer.querySelectorAll(".stage")].filter((one) => !one.hidden);
  const lines = stage.flatMap((one) => [...one.querySelectorAll(".line")]);
  const text = (selector, root = explorer) => root.querySelector(selector).textContent;
  return {
    stages: stage.length,
    told: text(".told"),
    top: document.querySelector("#explorer").getBoundingClientRect().top,
    slider: explorer.querySelector("[type=range]").value,
    typed: explorer.querySelector("[type=number]").value,
    link: explorer.querySelector(".link").getAttribute("href"),
    run: explorer.querySelector("[type=radio]:checked").parentNode.textContent.trim(),
    lines: lines.map((line) => ({
      cell: text(".at", line), excel: text("code", line), full: line.querySelector(".result").dataset.full,
      shown: text(".result", line), numbers: text(".numbers", line),
      empty: [...line.querySelectorAll(".slot")].filter((slot) => slot.textContent === "").length,
    })),
    table: [...stage[0].querySelectorAll("tr[data-column]")].map((row) => ({
      cell: text(".cell", row), full: row.querySelector(".value").dataset.full, shown: text(".value", row),
    })),
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  };
}

async function drive(browser, given) {
  const faults = new Set();
  const check = (name, well, detail = "") => { if (!well) faults.add(detail === "" ? name : `${name}: ${detail}`); };
  const [file, cellsFile, screenshots] = given;
  const cells = JSON.parse(readFileSync(cellsFile, "utf8"));
  const desk = { width: 1280, height: 900 };
  const open = (hash, options = {}) => openFile(browser, faults, file, hash, { viewport: desk, ...options });
  const at = async (page, step, doing) => {
    const seen = await page.evaluate(look);
    const well = [seen.slider, seen.typed].every((one) => Number(one) === step) && seen.told.includes(` ${step} of `);
    check(`${doing} leads to ${step}`, well, well ? "" : JSON.stringify([seen.slider, seen.typed, seen.told]));
    return seen;
  };

  // A link opens its step, in a new page or in the one that is there, and what is shown is what the workbook has.
  for (const [run, rows] of Object.entries(cells)) {
    let page = null;
    for (const [row, wanted] of Object.entries(rows)) {
      if (page) await go(page, file, `#run=${run}&step=${row}`);
      else page = await open(`#run=${run}&step=${row}`);
      const seen = await at(page, Number(row), `the link #run=${run}&step=${row}`);
      check("the link leads to the explorer", seen.top >= 0 && seen.top < 300, `${seen.top}`);
      check(`${run} is chosen`, seen.run === run && seen.stages === 1, `${seen.run}, ${seen.stages}`);
      check("every column is explained", seen.lines.length === Object.keys(wanted).length, `${seen.lines.length}`);
      for (const line of [...seen.lines, ...seen.table]) {
        const where = `${run} ${line.cell}`;
        const [value, formula] = wanted[line.cell] ?? [];
        check(`${where} has the workbook's number`, line.full === String(value), `${line.full} for ${value}`);
        const close = typeof value === "string" || line.shown.includes("·10")
          || Math.abs(Number(line.shown.replace("−", "-")) - value) <= 1e-6 * Math.abs(value);
        check(`${where} shows it`, line.shown !== "" && close, line.shown);
        if (line.excel === undefined) continue;
        check(`${where} has the workbook's formula`, line.excel === `=${formula}`, `${line.excel} for =${formula}`);
        check(`${where} has all numbers`, line.empty === 0);
      }
    }
    await page.close();
  }

  // Moving.
  const page = await open("");
  await at(page, 1, "opening");
  await page.click(".next");
  await at(page, 2, "the next button");
  await page.click(".previous");
  await at(page, 1, "the button back");
  await page.click(".previous");
  await at(page, 1, "the button back at the start");
  await page.fill("[type=number]", "120");
  await at(page, 120, "a typed number");
  await page.focus("[type=range]");
  await page.keyboard.press("ArrowRight");
  await at(page, 121, "an arrow on the slider");
  await page.keyboard.press("End");
  await at(page, 290, "End on the slider");
  await page.focus(".next");
  await page.keyboard.press("ArrowLeft");
  await at(page, 289, "an arrow in the section");
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("ArrowLeft");
  await at(page, 289, "an arrow elsewhere");
  await page.fill("[type=number]", "9999");
  await page.focus(".next");
  await at(page, 289, "a number that is no step");
  await page.click(".runs label:nth-of-type(4)");
  const adam = await at(page, 289, "another optimizer");
  await page.waitForTimeout(400);
  check("the link follows", adam.link === "#run=adam&step=289", adam.link);
  check("the address follows", new URL(page.url()).hash === "#run=adam&step=289", page.url());
  await page.focus(".runs input:checked");
  await page.keyboard.press("ArrowLeft");
  check("an arrow chooses an optimizer", (await page.evaluate(look)).run === "rmsprop");

  // Playing.
  await page.fill("[type=number]", "10");
  const since = Date.now();
  await page.click(".play");
  await page.waitForTimeout(1100);
  await page.click(".play");
  const [played, most] = [Number((await page.evaluate(look)).slider), 10 + (Date.now() - since) / 250 + 1];
  check("it plays a few steps a second", played >= 12 && played <= most, `${played} of at most ${most}`);
  await page.waitForTimeout(600);
  await at(page, played, "a pause");

  // Where a term comes from.
  await page.evaluate(() => { location.hash = "#run=adam&step=30"; });
  await page.waitForTimeout(100);
  const line = ".stage:not([hidden]) .lines .line[data-column=\"17\"]";
  await page.hover(`${line} .numbers [data-slot="1"]`);
  const hint = () => page.evaluate(() => {
    const one = document.querySelector(".hint");
    return one.hidden ? "" : one.textContent;
  });
  const marked = () => page.evaluate(() => [...document.querySelectorAll(".marked, .origin")].length);
  check("a term of the row above says so", (await hint()).startsWith("v_b from row 29, cell R45"), await hint());
  check("both forms, the line and the row of the table are marked", await marked() === 4, `${await marked()}`);
  await page.hover(`${line} .symbols [data-slot="0"]`);
  check("an input says so", await hint() === "input beta1, cell $B$6", await hint());
  const written = await page.evaluate(() => [14, 16].map((column) => ["symbols", "numbers"].map((kind) =>
    document.querySelector(`.stage:not([hidden]) .line[data-column="${column}"] .${kind}`).textContent)));
  const wanted = [["=2·x·error", "=2·14·(−17.58464)"], ["=β1·vaprev+(1−β1)·∂e∂a", "=0.9·(−231.5569)+(1−0.9)·(−492.3698)"]];
  check("formulas stand there with symbols and with numbers, which have parentheses below 0",
    JSON.stringify(written) === JSON.stringify(wanted), JSON.stringify(written));
  await page.focus(`${line} [data-slot][tabindex="0"]`);
  await page.keyboard.press("ArrowRight");
  check("arrows go from term to term", (await hint()).startsWith("v_b from row 29"), await hint());
  await at(page, 30, "an arrow within a formula");
  await page.keyboard.press("Enter");
  await at(page, 29, "following a term of the row above");
  await page.check(".digits");
  const digits = await page.evaluate(look);
  check("all digits are shown", digits.lines.every((one) => one.shown.replaceAll("−", "-") === one.full));
  await page.close();

  // Without the script it is not shown, and a line says so.
  const still = await open("", { javaScriptEnabled: false });
  check("nothing of it without the script", !(await still.locator(".explorer").isVisible()));
  check("the page says so", /made by this page’s script/.test(await still.locator("noscript").first().textContent()));
  await still.close();

  // A run that the workbook has not has the same formulas as one of the same rule that it has, without cells.
  const added = await open("");
  await added.evaluate(() => window.gdtrace.set({ optimizers: ["adam", "adam keras"] }));
  const formulas = async (run) => {
    await added.locator(`.runs [data-name="${run}"]`).click();
    await added.locator("[type=number]").first().fill("12");
    return added.evaluate(() => [...document.querySelectorAll(".stage:not([hidden]) .line")].map((one) => ({
      symbols: one.querySelector(".symbols").textContent, numbers: one.querySelector(".numbers").textContent,
      result: one.querySelector(".result").textContent, cell: one.querySelector(".at")?.textContent ?? null,
    })));
  };
  const [known, other] = [await formulas("adam"), await formulas("adam keras")];
  check("an added run has every formula", other.length > 20 && other.every((one) => one.symbols && one.numbers && one.result), `${other.length}`);
  check("an added run has no cells", other.every((one) => one.cell === null) && known.every((one) => /^[A-Z]+28$/.test(one.cell)), JSON.stringify([known[0], other[0]]));
  const same = (one, at) => one.symbols === other[at].symbols;
  check("what both compute has the same formula", known.slice(0, 16).every(same) && !known.every(same));
  await added.close();

  for (const width of [360, 1280, 1920]) {
    for (const colorScheme of ["light", "dark"]) {
      const one = await open("#run=adam&step=30", { viewport: { width, height: 1000 }, colorScheme });
      for (const all of [false, true]) {
        if (all) await one.check(".digits");
        const { wide } = await one.evaluate(look);
        check(`the page fits ${width} px${all ? " with all digits" : ""}`, wide <= 0, `${wide} px too wide`);
      }
      if (screenshots) {
        await one.uncheck(".digits");
        await one.locator(".explorer").screenshot({ path: path.join(screenshots, `explorer-${width}-${colorScheme}.png`) });
      }
      await one.close();
    }
  }
  return faults;
}

module.exports = drive;
if (require.main === module) main(drive);
