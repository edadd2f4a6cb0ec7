// The tables of a comparison: where each column differs as a strip, a column's numbers beside what they should be, and some
// rows of all columns that differ, which follow the cursor.
const { lineOf, chartOf, tableOf } = gd.places;
const [THEIRS, OURS] = gd.sides;

// More pieces of a strip than these could not be told apart; so many rows are shown at a time.
const [MOST_PIECES, STRIP_HEIGHT, WINDOW] = [120, 10, 7];
const MARKS = { c: "cause", f: "consequence" };

const sectionOf = (table) => {
  const columns = table.columns.map((column) => {
    const ours = [...column.theirs];
    for (const [row, value] of column.ours) ours[row] = value;
    const first = [...column.marks].findIndex((mark) => mark in MARKS);
    return { ...column, ours, first, differences: column.theirs.map((value, row) => subtract(value, ours[row])) };
  });
  const isCause = columns.some(({ marks }) => marks.includes("c"));
  const begins = columns.map(({ marks, first }) => (isCause ? marks.indexOf("c") : first) >>> 0);
  const column = begins.indexOf(Math.min(...begins));
  return { ...table, columns, column, xs: table.rows, unit: "row", at: Math.max(firstOf(columns[column]), 0) };
};
const subtract = (one, other) => typeof one === "number" && typeof other === "number" ? one - other : null;
// The row in which a column is wrong by itself, else where it begins to differ.
const firstOf = ({ marks, first }) => marks.includes("c") ? marks.indexOf("c") : first;

// A column from its first row on the left to its last: flat where it agrees, higher the worse, so that it reads without
// colours too.
const stripOf = (section, { marks }) => {
  const pieces = Math.min(marks.length, MOST_PIECES);
  const worst = Array.from({ length: pieces }, (_, piece) => {
    const part = marks.slice(Math.floor(piece * marks.length / pieces), Math.ceil((piece + 1) * marks.length / pieces));
    return part.includes("c") ? "c" : part.includes("f") ? "f" : ".";
  }).join("");
  const strip = svgElement("svg", { class: "strip", viewBox: `0 0 ${pieces} ${STRIP_HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  strip.append(svgElement("path", { class: "agrees", d: `M0 ${STRIP_HEIGHT - 2}H${pieces}V${STRIP_HEIGHT}H0z` }));
  for (const [mark, top] of [["f", 4], ["c", 0]]) {
    // Neighbours are one bar.
    const bars = [...worst.matchAll(new RegExp(`${mark}+`, "g"))];
    const path = bars.map((bar) => `M${bar.index} ${top}h${bar[0].length}V${STRIP_HEIGHT}h-${bar[0].length}z`).join("");
    if (path) strip.append(svgElement("path", { class: MARKS[mark], d: path }));
  }
  return strip;
};
const drawStrips = (section, root) => $$(".by-column tbody tr", root).forEach((row, at) => {
  const column = section.columns[at];
  const strip = stripOf(section, column);
  strip.addEventListener("click", (event) => {
    const box = strip.getBoundingClientRect();
    section.column = at;
    gd.select(section, Math.min(Math.floor((event.clientX - box.left) / box.width * column.marks.length), column.marks.length - 1));
  });
  $(".where", row).append(strip);
});

const toldOf = ({ xs }, column) => {
  const { head, letters, theirs, ours, marks, first } = column;
  if (first < 0) return `${head} agrees in all rows.`;
  const at = firstOf(column);
  const there = `${gd.show(theirs[at]) || "nothing"} where ${gd.show(ours[at]) || "nothing"} ${gd.is_against ? "stands in the other workbook" : "should be"}`;
  const earlier = first < at ? ` Before that, from ${letters}${xs[first]} on, the column differs only because of another cell.` : "";
  return `${letters}${xs[at]} ${marks[at] === "c" ? "is wrong by itself" : "is the first that differs"}: ${there}.${earlier}`;
};
// The chosen column as lines, and how far it is off.
const figureOf = (section) => {
  const { id, columns } = section;
  const { head, letters, theirs, ours, differences } = columns[section.column];
  const [there, here] = [lineOf(section, 0, THEIRS, theirs), lineOf(section, 1, OURS, ours)];
  const off = lineOf(section, 0, "difference", differences);
  const at = firstOf(columns[section.column]);
  const first = at < 0 ? null : { x: section.xs[at], name: `${letters}${section.xs[at]}` };
  const told = toldOf(section, columns[section.column]);
  return {
    charts: [
      chartOf(section, [there, here], { id: `${id}-numbers`, first, titles: ["row", head], name: `${head} by row`, title: `${head} by row, ${THEIRS} and ${OURS}`, description: told }),
      chartOf(section, [off], { id: `${id}-off`, first, titles: ["row", `difference of ${head}`], name: `The difference of ${head}`, title: `${THEIRS} less ${OURS}, ${head} by row`, description: told }),
    ],
    legend: [there, here], told, table: tableOf(section, `${head}, row by row`, [there, here, off]),
  };
};
const columnChooser = (section) => {
  const line = element("p", { class: "chooser" });
  const { box, select } = chooserOf("Column", section.columns.map(({ head, letters }) => `${head} (${letters})`), (column) => {
    section.column = column;
    const first = firstOf(section.columns[column]);
    gd.select(section, first < 0 ? section.at : first);
  });
  line.append(box);
  return { line, show: () => { select.value = section.column; } };
};

// Some rows around the cursor, a line for each side of a column.
const shownColumns = ({ columns, column }) => columns.filter(({ first }, at) => first >= 0 || at === column);
const numberCell = (value, write, mark) => {
  if (typeof value === "number") return element("td", { title: String(value), ...mark && { class: mark } }, write(value));
  return element("td", { class: `error ${mark ?? ""}` }, value || "none");
};
const linesOf = ({ head, letters, theirs, ours, differences, marks }, rows) => {
  const write = gd.table.writerOf([...theirs, ...ours]);
  const body = element("tbody");
  const sides = [[THEIRS, theirs, write, true], [OURS, ours, write, false], ["difference", differences, (value) => gd.show(value, 3), true]];
  sides.forEach(([side, values, how, isMarked], at) => {
    const line = body.appendChild(element("tr"));
    if (at === 0) line.append(element("th", { scope: "rowgroup", rowspan: 3, class: "label stick" }, `${head} (${letters})`));
    line.append(element("th", { scope: "row", class: "label" }, side), ...rows.map((row) => numberCell(values[row], how, isMarked ? MARKS[marks[row]] : undefined)));
  });
  return body;
};
const pagerOf = (section, table) => {
  const { length } = section.xs;
  const line = element("p", { class: "pager" });
  const told = element("span", { role: "status" });
  const button = (text, by) => {
    const made = element("button", { type: "button" }, text);
    made.addEventListener("click", () => gd.select(section, Math.min(Math.max(section.at + by, 0), length - 1)));
    return made;
  };
  const [before, after] = [button("‹ Rows before", -WINDOW), button("Rows after ›", WINDOW)];
  line.append(before, told, after);
  const show = () => {
    const from = Math.max(Math.min(section.at - 2, length - WINDOW), 0);
    const rows = d3.range(from, Math.min(from + WINDOW, length));
    const head = element("tr");
    head.append(element("th", { scope: "col", class: "label stick" }, "column"), element("td"),
      ...rows.map((row) => element("th", { scope: "col", ...row === section.at && { class: "here", "aria-current": "true" } }, `row ${section.xs[row]}`)));
    const top = element("thead");
    top.append(head);
    table.replaceChildren($("caption", table), top, ...shownColumns(section).map((column) => linesOf(column, rows)));
    $("caption", table).textContent = "Rows around the cursor, of the columns that differ and the chosen one";
    told.textContent = `rows ${section.xs[rows[0]]} to ${section.xs[rows.at(-1)]} of ${section.xs[0]} to ${section.xs.at(-1)}`;
    [before.disabled, after.disabled] = [rows[0] === 0 && section.at === 0, section.at === length - 1];
  };
  return { line, show };
};

for (const table of gd.tables) {
  const section = sectionOf(table);
  const root = document.getElementById(table.id).closest("section");
  drawStrips(section, root);
  const figure = gd.figureAt($(".chart", root));
  const chooser = columnChooser(section);
  figure.legend.before(chooser.line);
  const pager = pagerOf(section, $(".beside", root));
  $(".beside", root).parentNode.before(pager.line);
  let drawn = null;
  const show = () => {
    chooser.show();
    pager.show();
    if (drawn !== section.column) gd.showFigure(figure, figureOf(section));
    drawn = section.column;
  };
  gd.on((changed) => { if (changed === section) show(); });
  show();
}
