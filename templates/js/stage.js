// What the step explorer shows of a run: its row as the sheet has it, and every number with the formula that it comes
// from. It is made once for each kind of run; from row to row only texts change.
const { trees, math } = gd;
// What fills the place of a name, and where that stands.
const KINDS = { c: "here", p: "above", i: "input", d: "data", o: "data" };

const put = (node, text) => { if (node.data !== text) node.data = text; };
const textIn = (one) => one.appendChild(document.createTextNode(""));
const setFull = (one, value) => {
  const full = value === null ? "" : String(value);
  if (one.dataset.full === full) return;
  one.dataset.full = full;
  one.setAttribute("title", full);
};

// The letters of a column of a workbook: A, B, ..., Z, AA.
const lettersOf = (column) => (column >= 26 ? lettersOf(Math.floor(column / 26) - 1) : "") + String.fromCharCode(65 + column % 26);
gd.lettersOf = lettersOf;

// The value of a name in the formula of a column; what is looked up by its place is the whole of its column.
const valueOf = (run, { kind, at }, column, row) => {
  if (kind === "c") return gd.value(run, at, row);
  if (kind === "p") return gd.value(run, at, row - 1);
  return kind === "i" ? gd.inputOf(run, at) : gd.value(run, column, row);
};
gd.inputOf = (run, id) => gd.shown(run.inputs.get(id) ?? run.sheet?.inputs.find(([name]) => name === id)?.[2] ?? NaN);
// The symbol of a name in the formula of a column: the row above and this one are told apart where both stand in it.
const symbolIn = (run, column, tree) => {
  const symbols = gd.symbolsOf(run);
  const { kind, at } = tree;
  if (kind === "i") return math.symbol(symbols.input(at).symbol);
  if (kind === "o") return math.symbol("order");
  if (kind === "d") return math.set("msub", [math.symbol(gd.program.data_names[at]), math.symbol(symbols.column(run.sample))]);
  const made = columnSymbol(run, at);
  const isAbove = kind === "p" && (at === column || trees.has(trees.ofColumns(run.plan)[column], (one) => one === trees.name("c", at)));
  return isAbove ? math.set("msup", [made, math.set("mtext", ["prev"])]) : made;
};
// The symbol of a column; a weight after its update is told apart from the weight before.
const columnSymbol = (run, at) => {
  const symbols = gd.symbolsOf(run);
  const made = math.symbol(symbols.column(at));
  return symbols.isNew(at) ? math.set("msup", [made, math.set("mtext", ["new"])]) : made;
};

// Columns that follow on each other in a group, as [group, columns].
gd.groupsOf = (run) => run.about.reduce((groups, { group }, column) => {
  if (groups.at(-1)?.[0] === group) groups.at(-1)[1].push(column);
  else groups.push([group, [column]]);
  return groups;
}, []);

gd.stage = (first, shown) => {
  let run = first;
  const writers = [];
  const hasSheet = run.sheet !== null;
  const root = element("div", { class: "stage" });

  // A line of the table: a name, a number in two parts that meet at its point, and a cell.
  const tableRow = (attributes, name, meaning, value, cell) => {
    const line = element("tr", attributes);
    const number = element("td", { class: "value" });
    const [whole, fraction] = [element("span"), element("span", { class: "fraction" })];
    const address = element("td", { class: "cell" });
    const texts = [whole, fraction, address].map(textIn);
    number.append(whole, fraction);
    line.append(element("th", { scope: "row", title: meaning }, name), number, address);
    writers.push((row) => {
      const now = value(row);
      gd.atPoint(shown(now)).forEach((part, at) => put(texts[at], part));
      setFull(number, now);
      number.classList.toggle("error", typeof now === "string");
      if (hasSheet) put(texts[2], cell(row));
    });
    return line;
  };
  const body = (title, rows) => {
    const made = element("tbody");
    const head = element("tr", { class: "group" });
    head.append(element("th", { colspan: "3", scope: "rowgroup" }, title));
    made.append(head, ...rows);
    return made;
  };
  const addressOf = (column) => (row) => `${lettersOf(column)}${run.sheet.first_row + row}`;

  // The formula of a column with something for each of its names, which are counted as they are written.
  const formula = (column, leaf, standsForNumbers) => {
    let count = 0;
    const print = math.printer((tree) => {
      const made = leaf(tree);
      made.dataset.slot = count;
      made.classList.add(KINDS[tree.kind]);
      made.setAttribute("tabindex", "-1");
      count += 1;
      return made;
    }, standsForNumbers);
    return math.whole([print(trees.ofColumns(run.plan)[column])], { displaystyle: "true" });
  };
  const withNumbers = (column) => formula(column, (tree) => {
    const slot = math.set("mn", [], { class: "slot" });
    const text = textIn(slot);
    writers.push((row) => {
      // Below 0 a number may need parentheses, digits with a power of ten where they are raised to a power.
      const sign = !slot.classList.contains("fenced") ? /$^/ : slot.parentNode.localName === "msup" ? /^−|·|e/ : /^−/;
      const number = valueOf(run, tree, column, row);
      const digits = shown(number);
      put(text, sign.test(digits) ? `(${digits})` : digits);
      setFull(slot, number);
    });
    return slot;
  }, true);
  const withSymbols = (column) => formula(column, (tree) => math.set("mrow", [symbolIn(run, column, tree)], { class: "term" }));
  const piece = (kind, ...parts) => {
    const made = element("span", { class: `piece${kind}` });
    made.append(element("span", { class: "sign" }, "="), ...parts);
    return made;
  };
  // A column: its symbol, its formula with symbols, with numbers, its result, and the cell with its formula.
  const line = (column) => {
    const { header, meaning } = run.about[column];
    const tree = trees.ofColumns(run.plan)[column];
    const names = trees.namesOf(tree).length;
    const made = element("li", { class: `line${names < 2 ? " short" : ""}${tree.op === "name" ? " plain" : ""}`, "data-column": column, title: meaning });
    const [left, right, excel] = ["left", "right", "excel"].map((name) => element("div", { class: name }));
    left.append(math.inline(columnSymbol(run, column)));
    const result = element("span", { class: "result" });
    right.append(piece(" symbols", withSymbols(column)), element("span", { class: "break" }), piece(" numbers", withNumbers(column)), piece("", result));
    const [code, address] = [element("code"), element("span", { class: "at" })];
    const [resultText, codeText, addressText] = [result, code, address].map(textIn);
    excel.append(element("span", { class: "header" }, header), ...hasSheet ? [" ", address, " ", code] : []);
    made.append(left, right, excel);
    $("[data-slot]", made)?.setAttribute("tabindex", "0");
    writers.push((row) => {
      const number = gd.value(run, column, row);
      put(resultText, shown(number));
      setFull(result, number);
      if (!hasSheet) return;
      const here = run.sheet.first_row + row;
      put(addressText, `${lettersOf(column)}${here}`);
      put(codeText, run.sheet.formulas[column].replaceAll("{row}", here).replaceAll("{above}", here - 1));
    });
    return made;
  };

  const groups = gd.groupsOf(run);
  const { input } = gd.symbolsOf(run);
  const meaning = (id) => run.sheet?.notes?.[id] ?? input(id).meaning;
  const inputs = hasSheet ? run.sheet.inputs.map(([id]) => id) : [...run.inputs.keys()].filter((id) => id !== "epoch_steps");
  const box = element("div", { class: "as-row", role: "region", "aria-label": `The row of ${run.title}${hasSheet ? " as the sheet has it" : ""}`, tabindex: "0" });
  const table = box.appendChild(element("table"));
  table.append(element("caption", {}, hasSheet ? "The row as the sheet has it" : "The row (not in the workbook)"),
    ...groups.map(([title, columns]) => body(title, columns.map((column) => tableRow({ "data-column": column }, run.headers[column],
      run.about[column].meaning, (row) => gd.value(run, column, row), addressOf(column))))),
    body("inputs", inputs.map((id) => tableRow({ "data-input": id }, id, meaning(id), () => gd.inputOf(run, id),
      () => run.sheet.inputs.find(([name]) => name === id)[1]))));
  const side = element("div", { class: "side" });
  side.append(box);
  const lines = element("div", { class: "lines" });
  for (const [title, columns] of groups) {
    const list = element("ul");
    list.append(...columns.map(line));
    if (title === "check") {
      const aside = lines.appendChild(element("details"));
      aside.append(element("summary", {}, `${title}: the gradient by finite differences`), list);
    } else lines.append(element("h3", {}, title), list);
  }
  root.append(side, lines);
  return { root, write: (now, row) => { run = now; for (const write of writers) write(row); } };
};
