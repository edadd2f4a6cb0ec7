// The rows around the chosen one, with the first and the last: all columns of the run.
const { made } = gd.build;
// So many rows stand at the beginning, on each side of the chosen one, and at the end.
const [FIRST, AROUND, LAST] = [1, 3, 1];

// The last rows of a run that is still being computed are not known yet.
const rowsIn = (row, rows, isPartial) => {
  const spans = [[0, FIRST], [row - AROUND, row + AROUND], ...isPartial ? [] : [[rows - LAST + 1, rows]]];
  const all = spans.flatMap(([from, to]) => d3.range(Math.max(from, 0), Math.min(to, rows) + 1));
  return [...new Set(all)].sort((one, other) => one - other);
};

gd.section("rows", (run) => {
  const symbols = gd.symbolsOf(run);
  const columns = run.headers.map((_, column) => column).slice(1);
  const groups = gd.groupsOf(run).map(([title, all]) => [title, all.filter((column) => column > 0)]).filter(([, all]) => all.length);
  const starts = new Set(groups.slice(1).map(([, all]) => all[0]));
  const classOf = (column) => starts.has(column) ? { class: "starts" } : {};
  const headOf = (column) => made("th", { scope: "col", title: run.about[column].meaning, ...classOf(column) }, run.headers[column],
    symbols.column(column) === run.headers[column] ? null : made("span", { class: "symbol" }, gd.math.inline(gd.math.symbol(symbols.column(column)))));
  const body = element("tbody");
  const table = made("table", { class: "numbers steps" }, made("thead", {},
    made("tr", {}, made("th", { rowspan: 2, scope: "col", class: "stick" }, run.headers[0]),
      ...groups.map(([title, all], at) => made("th", { colspan: all.length, scope: "colgroup", ...at ? { class: "starts" } : {} }, made("span", {}, title)))),
    made("tr", { "data-row": run.headers[0] }, ...columns.map(headOf))), body);
  const gap = (count) => made("tr", { class: "gap" }, made("th", { scope: "row", class: "stick" }, "⋮"),
    made("td", { colspan: columns.length }, made("span", {}, `${count} ${gd.row_head}${count === 1 ? "" : "s"} between`)));
  const number = (write, value, column) => {
    if (typeof value === "number") return made("td", { title: value, ...classOf(column) }, write(value));
    return made("td", value === null ? classOf(column) : { class: starts.has(column) ? "starts error" : "error" }, value ?? "");
  };
  const write = (now, row) => {
    const rows = rowsIn(row, now.rows, now.partial);
    const values = columns.map((column) => rows.map((at) => gd.value(now, column, at)));
    const writers = values.map((all) => gd.table.writerOf(all.filter((value) => typeof value === "number")));
    const lines = rows.map((at, index) => {
      const choose = made("button", { type: "button", "aria-label": `${gd.row_head} ${at}` }, String(at));
      choose.disabled = at === 0;
      return made("tr", at === row ? { class: "chosen", "aria-current": "true" } : {}, made("th", { scope: "row", class: "stick" }, choose),
        ...columns.map((column, place) => number(writers[place], values[place][index], column)));
    });
    const filled = lines.flatMap((line, index) => index && rows[index] > rows[index - 1] + 1 ? [gap(rows[index] - rows[index - 1] - 1), line] : [line]);
    const focused = body.contains(document.activeElement);
    body.replaceChildren(...filled);
    if (focused) $(".chosen button", body).focus({ preventScroll: true });
  };
  body.addEventListener("click", ({ target }) => {
    const line = target.closest("tr:not(.gap)");
    const at = line && Number($("th", line).textContent);
    if (at > 0) gd.go(gd.state.run, at);
  });
  return { parts: [made("div", { class: "scroll", role: "region", "aria-label": `Rows of ${run.title}`, tabindex: "0" }, table)], write };
});
