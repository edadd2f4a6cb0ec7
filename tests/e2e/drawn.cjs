// Prints what the charts of a report show, as JSON: for each by its name its axes, what is drawn within them, what it says.
//
//     node drawn.cjs REPORT.html

const { main, open } = require("./browser.cjs");

// Runs in the page.
function read() {
  const numbers = (text) => text.split(" ").map(Number);
  // The points of a path of straight lines; null where a piece ends.
  const points = (path) => path.replace(/z/g, "").split(/(?=[ML])/).filter(Boolean)
    .flatMap((piece) => [...piece[0] === "M" ? [null] : [], numbers(piece.slice(1))]).slice(1);
  const texts = (root, selector) => [...root.querySelectorAll(selector)].map((one) => one.textContent);
  const chart = (svg) => ({
    plot: numbers(svg.dataset.plot),
    description: svg.querySelector("desc").textContent,
    titles: texts(svg, ".title"),
    ticks: texts(svg, ".tick text"),
    texts: texts(svg, ".lost, .name, .level"),
    exits: svg.querySelectorAll(".exit").length,
    contours: [...svg.querySelectorAll(".contour")].map((one) => ({ level: Number(one.dataset.level), points: points(one.getAttribute("d")) })),
    lines: [...svg.querySelectorAll("g[class^='run-'] > path")].map((one) => ({
      run: Number(one.parentNode.getAttribute("class").slice(4)), faint: one.classList.contains("faint"), points: points(one.getAttribute("d")),
    })),
    curve: svg.querySelector(".curve") ? points(svg.querySelector(".curve").getAttribute("d")) : null,
  });
  const figures = [...document.querySelectorAll("[data-figure]")].map((figure) => {
    const details = figure.nextElementSibling;
    return [figure.dataset.figure, {
      question: figure.closest("section").querySelector("h2").textContent,
      caption: figure.querySelector("figcaption").textContent,
      legend: texts(figure, ".legend li"),
      charts: [...figure.querySelectorAll(".plots > svg")].map(chart),
      table: [...details.querySelectorAll("tr")].map((row) => texts(row, "th, td")),
    }];
  });
  return Object.fromEntries(figures);
}

async function drawn(browser, [file]) {
  const faults = new Set();
  const page = await open(browser, faults, file, "", { viewport: { width: 1280, height: 900 } });
  await page.waitForFunction(() => [...document.querySelectorAll(".plots")].every((one) => one.querySelector("svg")));
  await page.evaluate(() => { for (const one of document.querySelectorAll("[data-figure] + details")) one.open = true; });
  await page.waitForFunction(() => [...document.querySelectorAll("[data-figure] + details table")].every((one) => one.rows.length > 0));
  const figures = await page.evaluate(read);
  await page.close();
  return { faults, figures };
}

module.exports = drawn;
if (require.main === module) main(drawn);
