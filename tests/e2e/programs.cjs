// Prints as JSON the programs of all runs of a report as {of, with, code, sentence, printed, epoch, final}, where `printed` says of
// which line what, and what the page's own run comes to. Each SETTINGS is set anew, from how the page is in the file.
//
//     node programs.cjs REPORT.html [SETTINGS]...

const { main, open } = require("./browser.cjs");

const LIBRARIES = ["PyTorch", "Keras", "Optax", "NumPy"];

async function programs(browser, [file, ...settings]) {
  const faults = new Set();
  const page = await open(browser, faults, file, "", { viewport: { width: 1280, height: 900 } });
  const found = [];
  for (const changes of settings.length ? settings : ["{}"]) {
    found.push(await page.evaluate(async ([libraries, set]) => {
      const { gdtrace } = window;
      gdtrace.set(null);
      gdtrace.set(set);
      await gdtrace.ready();
      return Object.keys(gdtrace.results()).flatMap((of) => libraries.map((library) => ({ of, with: library, ...gdtrace.program(of, library) })));
    }, [LIBRARIES, JSON.parse(changes)]));
  }
  // What stands in the page itself is the same.
  await page.evaluate(() => document.getElementById("yourself").scrollIntoView());
  await page.waitForFunction(() => document.querySelector(".programs .program code").textContent.includes("import"));
  const shown = await page.locator(".programs .program").first().innerText();
  const offered = found.at(-1).find((one) => one.code);
  if (!shown.trim() || !(offered.code.length > 60000 || found.at(-1).some((one) => one.code?.trim() === shown.trim()))) faults.add("the page shows another program");
  await page.close();
  return { faults, found };
}

module.exports = programs;
if (require.main === module) main(programs);
