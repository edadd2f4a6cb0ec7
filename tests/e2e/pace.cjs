// Measures a report in headless Chromium and prints how long it takes, as JSON, in milliseconds.
//
//     node pace.cjs REPORT.html
//
// usable: from the start of loading until the slider has led to a step; repainted: from a move of the slider to the
// second frame after it, the median of many; beside: what the browser takes to make and lay out a table, the median of many
// too. Each is the least of a few tries: what else the machine does only adds.

const { main, open } = require("./browser.cjs");

const TRIES = 3;
const MOVES = 40;

// Runs in the page: moves the slider once, as soon as that has an effect.
function moveOnce() {
  const slider = document.querySelector(".explorer [type=range]");
  slider.value = Math.round(Number(slider.max) / 2);
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  const told = document.querySelector(".explorer .told").textContent;
  return { time: performance.now(), isShown: told.includes(` ${slider.value} of `) || !told.includes(" 1 of ") };
}

// Runs in the page, with the explorer in view.
async function move(moves) {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  document.querySelector("#explorer").scrollIntoView();
  const slider = document.querySelector(".explorer [type=range]");
  const told = document.querySelector(".explorer .told");
  const times = [];
  let followed = 0;
  await frame();
  await frame();
  for (let at = 1; at <= moves; at += 1) {
    const before = told.textContent;
    const began = performance.now();
    slider.value = Math.round(Number(slider.max) * at / (moves + 1));
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await frame();
    await frame();
    times.push(performance.now() - began);
    if (told.textContent !== before) followed += 1;
  }
  times.sort((one, other) => one - other);
  return { followed, median: times[Math.floor(moves / 2)] };
}

// Runs in the page: makes and lays out a table of a thousand cells.
function table(times) {
  const box = document.body.appendChild(document.createElement("div"));
  const spent = Array.from({ length: times }, (_, turn) => {
    const began = performance.now();
    const made = document.createElement("table");
    for (let row = 0; row < 50; row += 1) {
      const cells = made.insertRow();
      for (let column = 0; column < 20; column += 1) cells.insertCell().textContent = (row * column / 7 + turn).toFixed(3);
    }
    box.replaceChildren(made);
    return made.offsetWidth && performance.now() - began;
  });
  box.remove();
  return spent.sort((one, other) => one - other)[times >> 1];
}

async function measure(browser, given) {
  const faults = new Set();
  const [usable, repainted, beside] = [[], [], []];
  let followed = MOVES;
  for (let at = 0; at < TRIES; at += 1) {
    const page = await open(browser, faults, given[0], "", { viewport: { width: 1280, height: 900 } });
    const { time, isShown } = await page.evaluate(moveOnce);
    if (!isShown) faults.add("the slider led nowhere");
    usable.push(time);
    beside.push(await page.evaluate(table, MOVES));
    const moved = await page.evaluate(move, MOVES);
    repainted.push(moved.median);
    followed = Math.min(followed, moved.followed);
    await page.close();
  }
  return { faults, moves: MOVES, followed, usable: Math.min(...usable), repainted: Math.min(...repainted), beside: Math.min(...beside) };
}

module.exports = measure;
if (require.main === module) main(measure);
