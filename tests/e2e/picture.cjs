// Takes a picture of what a link into a report shows first.
//
//     node picture.cjs REPORT.html '#adam/step=30' PICTURE.png

const { main, open } = require("./browser.cjs");

main(async (browser) => {
  const [file, hash, picture] = process.argv.slice(2);
  const faults = new Set();
  const page = await open(browser, faults, file, hash, { viewport: { width: 1280, height: 960 } });
  await page.waitForTimeout(500);
  await page.screenshot({ path: picture });
  return faults;
});
