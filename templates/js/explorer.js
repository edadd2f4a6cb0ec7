// The step explorer: which step is explained, and where a term of a formula comes from.
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
const put = (one, text) => { if (one.textContent !== text) one.textContent = text; };
const shown = (value) => controls.digits.checked && typeof value === "number"
  ? String(value).replaceAll("-", "−") : gd.show(value);

// The stages, made when a run of their kind is chosen for the first time.
const stages = new Map();
const stageOf = (run) => {
  const key = gd.kindOf(run);
  if (!stages.has(key)) {
    const stage = gd.stage(run, shown);
    $(".stages", explorer).append(stage.root);
    stages.set(key, stage);
  }
  return stages.get(key);
};
const chosenRun = () => gd.runs[gd.state.run];

// A button for each run.
let [buttons, listed] = [[], ""];
const showButtons = () => {
  buttons = gd.runs.map((run, index) => {
    const label = element("label", { class: `run-${run.colour}`, "data-name": run.name });
    label.append(element("input", { type: "radio", name: "explorer-run", value: index }), gd.key(run), run.name);
    return label;
  });
  $(".runs", explorer).replaceChildren($(".runs legend", explorer), ...buttons);
};

// The chart that goes with the stage that is shown.
const companion = $(".companion", explorer);
gd.on((run, row, index, changed) => {
  const names = gd.runs.map((one) => `${one.colour} ${one.name}`).join("\n");
  if (names !== listed) showButtons();
  listed = names;
  const stage = stageOf(run);
  for (const one of stages.values()) one.root.hidden = one !== stage;
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
  stage.write(run, row);
  const { sheet } = run;
  controls.inWorkbook.hidden = !run.in_workbook;
  // Programs for spreadsheets go to the cell behind the #.
  const name = sheet && `'${sheet.sheet.replaceAll("'", "''")}'`;
  if (sheet) controls.inWorkbook.href = `${gd.workbook}#${encodeURIComponent(name)}!A${sheet.first_row + row}`;
  const epoch = run.column.has("epoch") ? `epoch ${gd.value(run, run.column.get("epoch"), row)}, ` : "";
  const place = run.in_workbook ? ` Row ${sheet.first_row + row} of the sheet ${sheet.sheet}.` : "";
  put(controls.told, `${run.title}, ${gd.row_head} ${row} of ${run.rows}: ${epoch}sample `
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
  stageOf(chosenRun()).write(chosenRun(), gd.state.row);
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
// The name that a term stands for.
const slotOf = (term) => gd.trees.namesOf(gd.trees.ofColumns(chosenRun().plan)[Number(term.closest(".line").dataset.column)])[Number(term.dataset.slot)];
const told = ({ kind, at: index }) => {
  const [run, { row }] = [chosenRun(), gd.state];
  const cell = (at) => run.sheet ? `, cell ${gd.lettersOf(index)}${run.sheet.first_row + at}` : "";
  if (kind === "c") return `${run.headers[index]} of this row${cell(row)}`;
  if (kind === "p" && row === 1) return `${run.headers[index]} before the first ${gd.row_head}${cell(0)}`;
  if (kind === "p") return `${run.headers[index]} from row ${row - 1}${cell(row - 1)}: click to go there`;
  if (kind === "i") {
    const own = run.sheet?.inputs.find(([id]) => id === index);
    return `input ${index}${own ? `, cell ${own[1]}` : ""}`;
  }
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
  const stage = stageOf(chosenRun()).root;
  const slot = slotOf(term);
  const line = term.closest(".line");
  const sources = slot.kind === "i" ? $$("tr[data-input]", stage).filter((one) => one.dataset.input === slot.at)
    : "cp".includes(slot.kind) ? $$(`[data-column="${slot.at}"]`, stage) : [];
  const same = $$(`[data-slot="${term.dataset.slot}"]`, line);
  for (const one of same) one.classList.add("marked");
  for (const one of sources) one.classList.add("origin");
  marked = [...same, ...sources];
  const row = sources.find((one) => one.localName === "tr");
  if (row) bringIntoView(row, row.closest(".as-row"));
  term.setAttribute("aria-describedby", hint.id);
  hint.textContent = told(slot);
  hint.className = "hint";
  hint.hidden = false;
  const [box, around] = [term.getBoundingClientRect(), explorer.getBoundingClientRect()];
  const left = Math.min(Math.max(box.left - around.left, 0), around.width - hint.offsetWidth);
  hint.style.left = `${Math.max(left, 0)}px`;
  hint.style.top = `${box.bottom - around.top + 6}px`;
};
// A term of the row above leads to that row, one of this row to the line that computes it.
const follow = (term) => {
  const { kind, at: index } = slotOf(term);
  if (kind === "p" && gd.state.row > 1) {
    pause();
    step(-1);
  }
  if (!"cp".includes(kind)) return;
  const source = $(`.line[data-column="${index}"]`, stageOf(chosenRun()).root);
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
