// Takes a picture of what a link into a report shows first.
//
//     node picture.cjs REPORT.html '#run=adam&step=30' PICTURE.png

const { main, open } = require("./browser.cjs");

async function take(browser, given) {
  const [file, hash, picture] = given;
  const faults = new Set();
  const page = await open(browser, faults, file, hash, { viewport: { width: 1280, height: 960 } });
  await page.waitForTimeout(500);
  await page.screenshot({ path: picture });
  return faults;
}

module.exports = take;
if (require.main === module) main(take);
