"""Early stopping, and any number of optimizers."""

import recalculate
from bench import Trace, audit_book, check_page, close
from workbook import Workbook

STOPPED = {
    "settled": ["--epochs", 40, "--until", "abs(prev.rmse - rmse) < 0.03*prev.rmse"],
    "batches": ["--epochs", 30, "--until", "rmse < 10", "--batch-size", 4, "--shuffle", "--l2", 0.5, "--clip", 800,
                "--schedule", "cosine", "--optimizers", "sgd,adam"],
    "mean-loss": ["--epochs", 30, "--until", "prev.loss - loss < 0.5*prev.b", "--patience", 3, "--loss", "huber:2",
                  "--set", "lr=0.01", "--batch-size", 4],
    "online": ["--epochs", 30, "--until", "prev.online_rmse < 18", "--patience", 4, "--shuffle"],
}
# Those whose files other programs and a browser look at too, as that takes longer than all else.
LOOKED_AT = ["settled", "batches"]


def stopping(bench):
    """Early stopping, each optimizer by itself: the workbook ends there, says why, and recalculates."""
    check = bench.check
    for name, options in STOPPED.items():
        book, said, _ = bench.run(f"stopped-{name}", *options)
        workbook = Workbook(book)
        sheet = workbook.sheets["epochs"]
        column = next(column for column, text in sheet.rows[1].items() if text == "until")
        lengths = {run["name"]: len(run["rmse"]) for run in said["optimizers"]}
        check(f"stopped: {name}, some runs end early, each by itself",
              len(set(lengths.values())) > 1 and min(lengths.values()) < said["epochs"], str(lengths))
        for run in said["optimizers"]:
            cells = [cells[column] for row, cells in sorted(sheet.rows.items()) if cells.get(1) == run["name"]]
            ends = [1] if run["stopped_by"] == "until" else [0]
            check(f"stopped: {name}, {run['name']} ends where its condition holds",
                  cells == [0] * (lengths[run["name"]] - 1) + ends, str(cells))
        check(f"stopped: {name}, LibreOffice agrees", recalculate.check(bench.office, book))
        if name in LOOKED_AT:
            check_page(bench, f"stopped: {name}, the report stands alone and fits", bench.folder / said["outputs"]["report"], f"stopped-{name}")
            audit_book(bench, book)
    # A chosen optimizer that stopped before the chosen row shows its own last row.
    book, said, _ = bench.run("stopped-settled", *STOPPED["settled"])
    lengths = [29 * len(run["rmse"]) for run in said["optimizers"]]
    short = said["optimizers"][lengths.index(min(lengths))]["name"]
    with recalculate.Recalculated(bench.office, book, [(("circuit", 4, 2), short),
                                                       (("circuit", 5, 2), max(lengths))]) as changed:
        rows = dict(changed.rows("circuit"))
    shown = {row[0]: row[1] for row in rows.values() if row[0] in ("step shown", "de/da")}
    wanted = Trace(Workbook(book), short).value(min(lengths), "de/da")
    check("stopped: the circuit shows a row that is there", shown["step shown"] == min(lengths)
          and close(shown["de/da"], wanted, 1e-12), f"{shown} for {wanted}")
    # So many that no list of names and no palette has room for them.
    names = ",".join(f"run_number_{index}={'sgd' if index % 6 else 'adam'}" for index in range(1, 43))
    book, said, _ = bench.run("many", "--optimizers", names, "--epochs", 3, "--set", "run_number_3.lr=1")
    check("many: 42 optimizers", len(said["optimizers"]) == 42, str(len(said["optimizers"])))
    check("many: LibreOffice agrees", recalculate.check(bench.office, book))
    check_page(bench, "many: the report stands alone and fits", bench.folder / said["outputs"]["report"], "many")
    audit_book(bench, book)
