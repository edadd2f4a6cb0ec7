// Loads modules of the pages' script as a page has them: each is a block over what the others have put on `gd`.

const fs = require("node:fs");
const path = require("node:path");

const folder = path.join(__dirname, "../../templates/js");
const read = (name) => fs.readFileSync(path.join(folder, name), "utf8");
const d3 = new Function(`${read("vendor/d3.js")}\nreturn d3;`)();

// What the modules with these names make of `gd`.
exports.load = (names, gd = {}) => {
  for (const name of names) new Function("gd", "d3", `"use strict";\n${read(name)}`)(gd, d3);
  return gd;
};
exports.d3 = d3;
