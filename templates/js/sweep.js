// The page of a sweep: curves over one varied value and heat maps over two. A point or a cell opens its run.
Object.assign(gd, JSON.parse(document.getElementById("gd-store").textContent));
gd.runs = [];
gd.row_head = "run";
gd.state = { run: 0, row: 0 };
gd.on = () => {};
gd.sweep.runs.forEach((run, index) => { run.index = index; });
