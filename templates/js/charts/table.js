// The numbers behind a chart as a table, for those who do not see it and those who want to read them.

// How a column's numbers are written so that their points stand below each other: whole, with so many decimals, or with a
// power of ten where they are very large or small.
const writerOf = (values) => {
  const numbers = values.filter(Number.isFinite);
  const largest = Math.max(...numbers.map(Math.abs), 0);
  const magnitude = largest === 0 ? 0 : Math.floor(Math.log10(largest) + 1e-12);
  const minus = (text) => text.replace("-", "−");
  if (largest !== 0 && (magnitude < -4 || magnitude >= 9)) return (value) => gd.show(value, 6);
  if (numbers.every(Number.isInteger)) return (value) => minus(String(value));
  const decimals = Math.min(Math.max(6 - magnitude, 2), 8);
  return (value) => minus(value.toFixed(decimals));
};

// A table of `columns`, each with its `head` and its `values`; the first one names the rows.
const fill = (table, { caption, columns }) => {
  const writers = columns.map(({ values }) => writerOf(values));
  const head = element("tr");
  columns.forEach(({ head: text }, at) => head.append(element("th", { scope: "col", ...at === 0 ? { class: "stick" } : {} }, text)));
  const rows = columns[0].values.map((_, row) => {
    const line = element("tr");
    columns.forEach(({ values }, at) => {
      const value = values[row];
      if (at === 0) line.append(element("th", { scope: "row", class: "stick" }, String(value)));
      else if (Number.isFinite(value)) line.append(element("td", { title: String(value) }, writers[at](value)));
      else line.append(element("td", value === undefined ? {} : { class: "error" }, value === undefined ? "" : "#NUM!"));
    });
    return line;
  });
  const [thead, tbody, title] = [element("thead"), element("tbody"), element("caption", { id: `${table.dataset.of}-caption` }, caption)];
  thead.append(head);
  tbody.append(...rows);
  table.replaceChildren(title, thead, tbody);
};

// A folded table below `place`; the numbers are written when it is opened, or printed open.
gd.numbersTable = (place, id) => {
  const details = element("details");
  const box = element("div", { class: "scroll", role: "region", "aria-labelledby": `${id}-caption`, tabindex: "0" });
  const table = element("table", { class: "numbers plain", "data-of": id });
  table.append(element("caption", { id: `${id}-caption` }));
  box.append(table);
  details.append(element("summary", {}, "The numbers of this chart"), box);
  place.after(details);
  let content = null;
  const write = () => { if (content && details.open) fill(table, content()); };
  details.addEventListener("toggle", write);
  return { update: (made) => { content = made; write(); }, content: () => content?.() };
};
gd.table = { writerOf };
