// The cells that a loss is computed from as a picture: a box a cell, a line to each that is computed from it, the loss on
// the right. Where the boxes stand needs no page.

// More boxes are no picture, nor more below or beside each other; so often boxes are put where their neighbours are.
const [MOST, MOST_BELOW, MOST_BESIDE, SWEEPS] = [44, 14, 12, 6];
const [WIDTH, HEIGHT, ACROSS, DOWN, MARGIN, LETTERS] = [100, 54, 34, 10, 6, 13];

// How far each node is from the loss, which is the first; by layers, the farthest first. Null where there are too many.
const layersOf = (count, edges) => {
  const far = new Map([[0, 0]]);
  for (let round = 0; round <= MOST_BESIDE; round += 1) {
    let isSettled = true;
    for (const [from, to] of edges) {
      if (!far.has(to) || far.get(from) > far.get(to)) continue;
      far.set(from, far.get(to) + 1);
      isSettled = false;
    }
    if (!isSettled) continue;
    const layers = Array.from({ length: Math.max(...far.values()) + 1 }, () => []);
    for (let node = 0; node < count; node += 1) if (far.has(node)) layers.at(-1 - far.get(node)).push(node);
    return layers;
  }
  return null;
};
// The nodes of each layer in the order of their neighbours, so that few lines cross.
const ordered = (layers, edges) => {
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const place = new Map(layers.flatMap((layer) => layer.map((node, row) => [node, (row + 0.5) / layer.length])));
    const middle = (node) => {
      const others = edges.flatMap(([from, to]) => sweep % 2 === 0 ? from === node ? [to] : [] : to === node ? [from] : []).filter((one) => place.has(one));
      return others.length ? others.reduce((sum, one) => sum + place.get(one), 0) / others.length : place.get(node);
    };
    layers = layers.map((layer) => {
      const wanted = new Map(layer.map((node) => [node, middle(node)]));
      return [...layer].sort((one, other) => wanted.get(one) - wanted.get(other));
    });
  }
  return layers;
};
// Where the boxes stand, a corner for each node, and how large the picture is; null where it would be none. Where there is
// not room for all, data are left out.
const layoutOf = ({ nodes, edges }) => {
  const among = (isShown) => {
    const shown = edges.filter((edge) => edge.every((node) => isShown(nodes[node])));
    const layers = layersOf(nodes.length, shown);
    const count = layers?.flat().length;
    return layers && count <= MOST && layers.length > 1 && layers.every((layer) => layer.length <= MOST_BELOW) ? { layers, edges: shown } : null;
  };
  const made = among(() => true) ?? among(({ kind }) => kind !== "data");
  if (!made) return null;
  const layers = ordered(made.layers, made.edges);
  const tall = (layer) => layer.length * (HEIGHT + DOWN) - DOWN;
  const height = Math.max(...layers.map(tall)) + 2 * MARGIN;
  const corners = new Map(layers.flatMap((layer, column) => layer.map((node, row) =>
    [node, [MARGIN + column * (WIDTH + ACROSS), (height - tall(layer)) / 2 + row * (HEIGHT + DOWN)]])));
  return { corners, edges: made.edges, width: layers.length * (WIDTH + ACROSS) - ACROSS + 2 * MARGIN, height };
};
const pathOf = ([x, y], [toX, toY]) => {
  const [fromX, bend] = [x + WIDTH, ACROSS * 0.6];
  return `M${fromX} ${y + HEIGHT / 2}C${fromX + bend} ${y + HEIGHT / 2} ${toX - bend} ${toY + HEIGHT / 2} ${toX} ${toY + HEIGHT / 2}`;
};
gd.network = { layoutOf };

// Which box an arrow key leads to from another: to the nearest one in that direction.
const nextOf = ({ corners }, from, [across, down]) => {
  const [x, y] = corners.get(from);
  let best = [from, Infinity];
  for (const [node, [nodeX, nodeY]] of corners) {
    const [ahead, aside] = across ? [(nodeX - x) * across, Math.abs(nodeY - y)] : [(nodeY - y) * down, Math.abs(nodeX - x) * 9];
    if (ahead > 0 && ahead + aside < best[1]) best = [node, ahead + aside];
  }
  return best[0];
};
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// Draws a network in `root`. `read` is told which node is looked at, null for none; `show` of what comes back writes the
// numbers of the boxes: `numbersOf` gives a node's texts.
gd.drawNetwork = (root, network, id, title, read) => {
  const layout = layoutOf(network);
  if (!layout) return null;
  const { corners, edges, width, height } = layout;
  const svg = svgElement("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title });
  const lines = edges.map(([from, to]) => {
    const path = svgElement("path", { class: "edge", d: pathOf(corners.get(from), corners.get(to)) });
    return { from, to, path };
  });
  svg.append(...lines.map(({ path }) => path));
  const boxes = new Map();
  for (const [node, [x, y]] of corners) {
    const { name, kind } = network.nodes[node];
    const group = svgElement("g", { class: `node ${kind}` });
    group.append(svgElement("rect", { x, y, width: WIDTH, height: HEIGHT, rx: 4 }));
    const texts = [["name", 16], ["value", 31], ["slope", 46]].map(([what, down]) =>
      group.appendChild(svgElement("text", { class: what, x: x + WIDTH / 2, y: y + down, "text-anchor": "middle" })));
    texts[0].textContent = name.length > LETTERS ? `${name.slice(0, LETTERS - 1)}…` : name;
    group.addEventListener("pointerenter", () => look(node));
    boxes.set(node, { group, texts });
    svg.append(group);
  }
  root.append(svg);
  root.style.width = `${width}px`;
  let at = null;
  const look = (node) => {
    at = node;
    for (const [one, { group }] of boxes) group.classList.toggle("looked-at", one === node);
    for (const { from, to, path } of lines) path.classList.toggle("way", from === node || to === node);
    read(node);
  };
  root.tabIndex = 0;
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", `${title}: the arrow keys go from cell to cell`);
  root.addEventListener("pointerleave", () => look(null));
  root.addEventListener("focus", () => { if (root.matches(":focus-visible")) look(at ?? 0); });
  root.addEventListener("blur", () => look(null));
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape") look(null);
    else if (KEYS[event.key]) look(at === null ? 0 : nextOf(layout, at, KEYS[event.key]));
    else return;
    event.preventDefault();
  });
  return {
    show: (numbersOf) => {
      for (const [node, { texts }] of boxes) numbersOf(node).forEach((text, line) => { texts[line + 1].textContent = text; });
      if (at !== null) read(at);
    },
  };
};
