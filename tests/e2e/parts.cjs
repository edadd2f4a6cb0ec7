// Opens a report page in headless Chromium at a step and prints what the sections that look into it show, as JSON.
//
//     node parts.cjs REPORT.html '#run=adam&step=30' ...
//
// For each address: the console's errors, which step each section says it shows, and every number by its name; with --all
// also what the parts of steps add up to, for every optimizer and variant that the page has.

const { go, main, open } = require("./browser.cjs");

// Runs in the page.
function look() {
  const values = {};
  for (const place of document.querySelectorAll(".part [data-v]")) (values[place.dataset.v] ||= new Set()).add(place.textContent);
  const heights = (kind) => [...document.querySelectorAll(`#remembered-content .weights .${kind}`)]
    .reduce((sum, bar) => sum + Number(bar.getAttribute("height")), 0);
  return {
    shows: [...document.querySelectorAll("[data-shows]")].map((place) => place.textContent),
    rows: [...document.querySelectorAll("#rows-content tbody tr:not(.gap)")].map((row) => [...row.children].map((cell) => cell.title || cell.textContent)),
    marked: document.querySelector("#rows-content .chosen th").textContent,
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

// For every optimizer and variant, in some ways to train and at some steps, each weight's step and the parts of it; runs in
// the page.
async function everyone() {
  const { program } = JSON.parse(document.getElementById("gd-store").textContent);
  document.getElementById("split").scrollIntoView();
  const found = [];
  for (const { name } of program.optimizers) {
    for (const way of [{ batch_size: 1, loss: program.loss }, { batch_size: 4, loss: "half-squared" }]) {
      window.gdtrace.set({ ...way, optimizers: [name] });
      for (const step of [1, 3, 30]) {
        document.querySelector(".explorer [type=number]").value = step;
        document.querySelector(".explorer [type=number]").dispatchEvent(new Event("input"));
        dispatchEvent(new Event("beforeprint"));
        for (const split of document.querySelectorAll("#split-content .split")) {
          const values = [...split.querySelectorAll("td[data-v]")].map((cell) => Number(cell.title));
          if (values.every(Number.isFinite)) found.push({ name, step, moved: values.pop(), parts: values, agrees: document.querySelector("#check-content").textContent.includes("agrees") });
        }
      }
    }
  }
  return found;
}

async function follow(browser, given) {
  const [file, ...addresses] = given.filter((one) => one !== "--all");
  const [faults, seen] = [new Set(), []];
  const page = await open(browser, faults, file);
  for (const address of addresses) {
    // The same page goes from step to step, as a reader does.
    await go(page, file, address);
    await page.waitForTimeout(200);
    // What is not looked at is written when there is nothing else to do, or before it is printed.
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    seen.push({ ...await page.evaluate(look), read: await read(page) });
  }
  // A click on a row chooses it.
  await page.locator("#rows-content tbody tr", { has: page.locator("th", { hasText: /^1$/ }) }).click();
  const clicked = await page.locator("#rows-content .chosen th").innerText();
  const all = given.includes("--all") ? await page.evaluate(everyone) : [];
  return { faults, seen, clicked, all };
}

module.exports = follow;
if (require.main === module) main(follow);
