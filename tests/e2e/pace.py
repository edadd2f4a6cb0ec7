"""How large the reports are, how soon they can be used, and how fast the slider repaints them."""

from pathlib import Path

# Milliseconds, for the fastest of a few tries, where the browser takes BESIDE to make a table of a thousand cells; as much
# more where it takes longer for that, so that a slow or busy machine does not fail a page that is quick.
BESIDE = 25
USABLE = 1000
# Two frames are 33: none may be missed, or in the worst case two.
REPAINTED = 67


def pace(bench):
    """The walkthrough and 100,000 steps: bounds on size, on the time until the page answers, and on a repaint."""
    walkthrough, _, _ = bench.run("graddes")
    long, said, _ = bench.run("pace-long", source=bench.new("pace-data", "--rows", 10000, "--noise", 5))
    bench.check("pace: 100,000 steps for each optimizer", said["samples"] * said["epochs"] == 100_000)
    for name, book, most in [("walkthrough", walkthrough, 1e6), ("100,000 steps", long, 5e6)]:
        page = Path(book).with_suffix(".html")
        size = page.stat().st_size
        bench.check(f"pace: {name}: less than {most / 1e6:.0f} MB", size < most, f"{size} bytes")
        told = bench.browser.check("pace.cjs", page)
        print(f"      {name}: {size / 1e6:.2f} MB, usable after {told['usable']:.0f} ms, repainted in "
              f"{told['repainted']:.0f} ms; beside, a table takes {told['beside']:.1f} ms")
        slowness = max(1, told["beside"] / BESIDE)
        bench.check(f"pace: {name}: no errors", not told["faults"], "; ".join(told["faults"]))
        bench.check(f"pace: {name}: usable within a second", told["usable"] < USABLE * slowness, f"{told['usable']:.0f} ms")
        bench.check(f"pace: {name}: every move of the slider is followed", told["followed"] == told["moves"],
                    f"{told['followed']} of {told['moves']}")
        bench.check(f"pace: {name}: the slider does not stutter", told["repainted"] < REPAINTED * slowness,
                    f"{told['repainted']:.0f} ms")
