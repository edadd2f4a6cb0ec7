// The step explorer: builds a run's part of the page once, and then changes texts only.
const explorer = $(".explorer");
const controls = {
  slider: $("input[type=range]", explorer),
  typed: $("input[type=number]", explorer),
  play: $(".play", explorer),
  digits: $(".digits", explorer),
  link: $(".link", explorer),
  inWorkbook: $(".in-workbook", explorer),
  told: $(".told", explorer),
};
const calm = matchMedia("(prefers-reduced-motion: reduce)");
// What fills the slot of the numbers that it refers to, and where that stands.
const KINDS = { c: "here", p: "above", i: "input", d: "data", o: "data" };

const put = (node, text) => { if (node.data !== text) node.data = text; };
// The only text of an element, made where there is none.
const textOf = (one) => one.firstChild ?? one.appendChild(document.createTextNode(""));
const fullText = (value) => (typeof value === "string" ? value : String(value));
const shown = (value) => controls.digits.checked && typeof value === "number"
  ? fullText(value).replaceAll("-", "−") : gd.show(value);
const setFull = (one, value) => {
  const full = value === null ? "" : fullText(value);
  if (one.dataset.full === full) return;
  one.dataset.full = full;
  one.setAttribute("title", full);
};

// The stage of a run: its elements, and a function for each that writes the texts of a row.
const makeStage = (root, runOf) => {
  const writers = [];
  const tableRow = (row, value) => {
    const cell = $(".value", row);
    const [whole, fraction] = [...cell.children].map(textOf);
    return (at) => {
      const number = value(at);
      const text = shown(number);
      const point = text.search(/[.·]/);
      put(whole, point < 0 ? text : text.slice(0, point));
      put(fraction, point < 0 ? "" : text.slice(point));
      setFull(cell, number);
      cell.classList.toggle("error", typeof number === "string");
    };
  };
  for (const row of $$("tr[data-column]", root)) {
    const column = Number(row.dataset.column);
    const address = textOf($(".cell", row));
    writers.push(tableRow(row, (at) => gd.value(runOf(), column, at)));
    const { sheet } = runOf();
    if (sheet) writers.push((at) => put(address, `${sheet.columns[column].letters}${sheet.first_row + at}`));
  }
  for (const row of $$("tr[data-input]", root)) {
    writers.push(tableRow(row, (at) => gd.slot(runOf(), ["i", Number(row.dataset.input)], at)));
  }
  for (const line of $$(".line", root)) makeLine(line, runOf, writers);
  return { root, write: (row) => { for (const write of writers) write(row); } };
};

const makeLine = (line, runOf, writers) => {
  const index = Number(line.dataset.column);
  const { sheet } = runOf();
  const column = sheet.columns[index];
  const [excel, address] = [$("code", line), $(".at", line)].map(textOf);
  const result = $(".result", line);
  const resultText = textOf(result);
  // What is looked up by its place is the whole of its column.
  const value = (slot, at) => (slot[0] === "d" || slot[0] === "o" ? gd.value(runOf(), index, at) : gd.slot(runOf(), slot, at));
  for (const term of $$("[data-slot]", line)) {
    const slot = column.slots[Number(term.dataset.slot)];
    term.setAttribute("tabindex", "-1");
    term.classList.add(KINDS[slot[0]]);
    if (!term.classList.contains("slot")) continue;
    const text = textOf(term);
    // Below 0 a number may need parentheses, digits with a power of ten where they are raised to a power.
    const sign = !term.classList.contains("fenced") ? /$^/ : term.parentNode.localName === "msup" ? /^−|·|e/ : /^−/;
    writers.push((at) => {
      const number = value(slot, at);
      const digits = shown(number);
      put(text, sign.test(digits) ? `(${digits})` : digits);
      setFull(term, number);
    });
  }
  $("[data-slot]", line)?.setAttribute("tabindex", "0");
  writers.push((at) => {
    const here = sheet.first_row + at;
    const number = gd.value(runOf(), index, at);
    put(resultText, shown(number));
    setFull(result, number);
    put(address, `${column.letters}${here}`);
    put(excel, column.excel.replaceAll("{row}", here).replaceAll("{above}", here - 1));
  });
};

// The stages of the runs that the workbook has, made when one is chosen for the first time; what was not like in the
// first run stands in a template.
const stages = gd.sheets.map(() => null);
// What looks the same in the first run stands there only.
const first = $(".stage", explorer).cloneNode(true);
const copyLike = (root) => {
  for (const one of $$("[data-like]", root)) {
    const copy = $(`${one.localName}[data-column="${one.dataset.like}"]`, first).cloneNode(true);
    copy.dataset.column = one.dataset.column;
    for (const place of $$("[data-full]", copy)) delete place.dataset.full;
    one.replaceWith(copy);
  }
};
// A run that the workbook has not, or not in this form: its columns with their values, without formulas.
const plainStage = (run) => {
  const root = element("div", { class: "stage" });
  root.append(element("p", { class: "note" }, "The workbook has no sheet of this run, so its numbers stand here without "
    + "their cells and formulas."));
  const side = root.appendChild(element("div", { class: "side" }));
  const box = side.appendChild(element("div", { class: "as-row" }));
  const body = box.appendChild(element("table")).appendChild(element("tbody"));
  run.headers.forEach((header, column) => {
    const row = body.appendChild(element("tr", { "data-column": column }));
    row.append(element("th", { scope: "row" }, header));
    row.appendChild(element("td", { class: "value" })).append(element("span"), element("span", { class: "fraction" }));
    row.append(element("td", { class: "cell" }));
  });
  $(".stages", explorer).append(root);
  return root;
};
let plain = null;
const stageOf = (index) => {
  const run = gd.runs[index];
  if (!run.sheet) {
    if (plain?.run !== run) {
      plain?.root.remove();
      plain = makeStage(plainStage(run), () => run);
      plain.run = run;
    }
    return plain;
  }
  const at = gd.sheets.indexOf(run.sheet);
  if (!stages[at]) {
    const place = $(".stages", explorer).children[at];
    const root = place.content ? document.importNode(place.content, true).firstElementChild : place;
    if (place.content) place.replaceWith(root);
    copyLike(root);
    stages[at] = makeStage(root, () => gd.runs.find((one) => one.sheet === gd.sheets[at]));
  }
  return stages[at];
};

// A button for each run.
let buttons = [];
const showButtons = () => {
  const names = gd.runs.map((run) => run.name);
  const place = $(".runs", explorer);
  buttons = names.map((name, index) => {
    const { colour } = gd.runs[index];
    const known = $$("label", place).find((label) => label.dataset.name === name);
    const label = known ?? $("label", place).cloneNode(true);
    if (!known) {
      label.className = `run-${colour}`;
      label.lastChild.data = name;
      for (const key of $$("svg", label)) key.setAttribute("class", `${key.getAttribute("class").replace(/run-\d+/, "")} run-${colour}`);
      label.dataset.name = name;
      place.append(label);
    }
    $("input", label).value = index;
    return label;
  });
  for (const label of $$("label", place)) label.hidden = !buttons.includes(label);
};

// The chart that goes with the stage that is shown.
const companion = $(".companion", explorer);
stageOf(0);
$$(".runs label", explorer).forEach((label, index) => { label.dataset.name = gd.sheets[index].name; });
gd.on((run, row, index, changed) => {
  if (changed || buttons.length === 0) showButtons();
  const stage = stageOf(index);
  for (const one of [...stages, plain]) if (one) one.root.hidden = one !== stage;
  const side = $(".side", stage.root);
  if (companion.parentNode !== side) side.prepend(companion);
  const colour = `run-${run.colour}`;
  if (!explorer.classList.contains(colour)) {
    explorer.classList.remove(...[...explorer.classList].filter((name) => name.startsWith("run-")));
    explorer.classList.add(colour);
  }
  $("input", buttons[index]).checked = true;
  for (const one of [controls.slider, controls.typed]) one.max = run.rows;
  controls.slider.value = row;
  if (Number(controls.typed.value) !== row) controls.typed.value = row;
  controls.slider.setAttribute("aria-valuetext", `${gd.row_head} ${row} of ${run.rows}`);
  controls.link.href = gd.address();
  stage.write(row);
  const { sheet } = run;
  controls.inWorkbook.hidden = !run.in_workbook;
  // Programs for spreadsheets go to the cell behind the #.
  const name = sheet && `'${sheet.sheet.replaceAll("'", "''")}'`;
  if (sheet) controls.inWorkbook.href = `${gd.workbook}#${encodeURIComponent(name)}!A${sheet.first_row + row}`;
  const epoch = run.column.has("epoch") ? `epoch ${gd.value(run, run.column.get("epoch"), row)}, ` : "";
  const place = run.in_workbook ? ` Row ${sheet.first_row + row} of the sheet ${sheet.sheet}.` : "";
  put(textOf(controls.told), `${run.title}, ${gd.row_head} ${row} of ${run.rows}: ${epoch}sample `
    + `${gd.value(run, run.sample, row)}.${place}`);
  unmark();
});

// Choosing.
const { pause, step } = gd.player;
$(".runs", explorer).addEventListener("change", ({ target }) => gd.go(Number(target.value), gd.state.row));
controls.slider.addEventListener("input", () => { pause(); gd.go(gd.state.run, Number(controls.slider.value)); });
controls.slider.addEventListener("change", () => { controls.slider.value = gd.state.row; });
const takeTyped = () => {
  pause();
  const number = Number(controls.typed.value);
  if (Number.isInteger(number) && number >= 1 && number <= gd.runs[gd.state.run].rows) gd.go(gd.state.run, number);
};
controls.typed.addEventListener("input", takeTyped);
controls.typed.addEventListener("blur", () => { controls.typed.value = gd.state.row; });
$(".previous", explorer).addEventListener("click", () => { pause(); step(-1); });
$(".next", explorer).addEventListener("click", () => { pause(); step(1); });
controls.digits.addEventListener("change", () => {
  explorer.classList.toggle("all-digits", controls.digits.checked);
  stageOf(gd.state.run).write(gd.state.row);
});

// Playing, silent for those who listen.
gd.player.on((isPlaying) => {
  controls.play.textContent = isPlaying ? "Pause" : "Play";
  controls.told.setAttribute("aria-live", isPlaying ? "off" : "polite");
});
controls.play.addEventListener("click", gd.player.toggle);

// Keys: within a formula from term to term, elsewhere in the section from step to step.
explorer.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "Escape") { unmark(); return; }
  if (event.target.matches("input")) return;
  const term = event.target.closest("[data-slot]");
  if (term && event.key === "Enter") { follow(term); return; }
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!by || event.shiftKey) return;
  if (term) {
    const terms = $$("[data-slot]", term.closest(".line"));
    const next = terms[terms.indexOf(term) + by];
    if (next) {
      for (const one of terms) one.setAttribute("tabindex", one === next ? "0" : "-1");
      next.focus();
    }
  } else if (!event.target.closest(".scroll-formula") || event.target === explorer) {
    pause();
    step(by);
  }
  event.preventDefault();
});

// Where a term comes from.
const hint = $(".hint", explorer);
let marked = [];
const unmark = () => {
  for (const one of marked) one.classList.remove("marked", "origin");
  marked = [];
  hint.hidden = true;
};
const slotOf = (term) => {
  const run = gd.runs[gd.state.run];
  return run.sheet.columns[Number(term.closest(".line").dataset.column)].slots[Number(term.dataset.slot)];
};
const told = ([kind, index]) => {
  const [run, { row }] = [gd.runs[gd.state.run], gd.state];
  const cell = (at) => `cell ${run.sheet.columns[index].letters}${run.sheet.first_row + at}`;
  if (kind === "c") return `${run.sheet.columns[index].header} of this row, ${cell(row)}`;
  if (kind === "p" && row === 1) return `${run.sheet.columns[index].header} before the first ${gd.row_head}, ${cell(0)}`;
  if (kind === "p") return `${run.sheet.columns[index].header} from row ${row - 1}, ${cell(row - 1)}: click to go there`;
  if (kind === "i") return `input ${run.sheet.inputs[index].id}, cell ${run.sheet.inputs[index].cell}`;
  return `looked up in ${kind === "d" ? gd.places.data : gd.places.order}`;
};
// Scrolls within the table's box, never the page.
const bringIntoView = (row, box) => {
  const [inner, outer] = [row.getBoundingClientRect(), box.getBoundingClientRect()];
  if (inner.top < outer.top) box.scrollTop -= outer.top - inner.top + 8;
  else if (inner.bottom > outer.bottom) box.scrollTop += inner.bottom - outer.bottom + 8;
};
const mark = (term) => {
  unmark();
  const stage = stageOf(gd.state.run).root;
  const slot = slotOf(term);
  const line = term.closest(".line");
  const sources = slot[0] === "i" ? $$(`tr[data-input="${slot[1]}"]`, stage)
    : "cp".includes(slot[0]) ? $$(`[data-column="${slot[1]}"]`, stage) : [];
  const same = $$(`[data-slot="${term.dataset.slot}"]`, line);
  for (const one of same) one.classList.add("marked");
  for (const one of sources) one.classList.add("origin");
  marked = [...same, ...sources];
  const row = sources.find((one) => one.localName === "tr");
  if (row) bringIntoView(row, row.closest(".as-row"));
  term.setAttribute("aria-describedby", hint.id);
  hint.textContent = told(slot);
  hint.className = `hint ${KINDS[slot[0]]}`;
  hint.hidden = false;
  const [box, around] = [term.getBoundingClientRect(), explorer.getBoundingClientRect()];
  const left = Math.min(Math.max(box.left - around.left, 0), around.width - hint.offsetWidth);
  hint.style.left = `${Math.max(left, 0)}px`;
  hint.style.top = `${box.bottom - around.top + 6}px`;
};
// A term of the row above leads to that row, one of this row to the line that computes it.
const follow = (term) => {
  const [kind, index] = slotOf(term);
  if (kind === "p" && gd.state.row > 1) {
    pause();
    step(-1);
  }
  if (!"cp".includes(kind)) return;
  const source = $(`.line[data-column="${index}"]`, stageOf(gd.state.run).root);
  const aside = source.closest("details");
  if (aside) aside.open = true;
  source.scrollIntoView({ block: "nearest", behavior: calm.matches ? "auto" : "smooth" });
  source.classList.add("origin");
  marked.push(source);
};
const termOf = (event) => event.target.closest?.(".line [data-slot]");
explorer.addEventListener("pointerover", (event) => {
  const term = termOf(event);
  if (term) mark(term);
  else if (marked.length && !event.target.closest?.(".origin")) unmark();
});
explorer.addEventListener("pointerleave", unmark);
explorer.addEventListener("focusin", (event) => { if (termOf(event)) mark(termOf(event)); });
explorer.addEventListener("focusout", unmark);
explorer.addEventListener("click", (event) => { if (termOf(event)) follow(termOf(event)); });
