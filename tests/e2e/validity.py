"""Every page that the checks have made is valid HTML, by the Nu checker."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor


def messages(checker, pages):
    """What the Nu checker says of pages; an error where it says nothing."""
    done = subprocess.run(["java", "-jar", checker, "--errors-only", "--format", "json", *pages], text=True,
                          capture_output=True, timeout=600)
    try:
        return json.loads(done.stderr)["messages"]
    except (json.JSONDecodeError, KeyError):
        raise RuntimeError(done.stderr.strip()[:300]) from None


def validity(bench):
    """The Nu checker finds no error in any page that lies there, and in pages of every kind."""
    bench.run("graddes")
    bench.run("valid-batches", "--batch-size", 4, "--shuffle", "--l2", 0.5, "--optimizers", "sgd,eve,nadam:keras")
    for command, name, *options in [
        ("sweep", "valid-sweep", "--vary", "lr=1e-5,1e-4,1", "--vary", "beta=0.5,0.9", "--optimizers", "momentum"),
        ("derive", "valid-derive", "--at", "x=1,y=2", "--hessian"),
    ]:
        subject = [bench.example] if command == "sweep" else ["x^2*y", "sin(x) - y"]
        page = ["-o", f"{name}.xlsx"] + (["--report", f"{name}.html"] if command == "derive" else [])
        done = bench.gdtrace(command, *subject, *options, *page)
        bench.check(f"valid: {name} is made", done.returncode == 0, done.stderr.strip())
    done = bench.gdtrace("compare", bench.example.with_name("handbuilt.xlsx"), "--report", "valid-compare.html")
    bench.check("valid: valid-compare is made", done.returncode in (0, 1), done.stderr.strip())
    pages = sorted(bench.own.parent.rglob("*.html"))
    checker = bench.tools / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
    # It reads one page after another; nothing else runs meanwhile.
    count = min(bench.args.workers, len(pages))
    with ThreadPoolExecutor(count) as several:
        try:
            said = sum(several.map(lambda at: messages(checker, pages[at::count]), range(count)), [])
        except RuntimeError as error:
            bench.check("valid: the checker runs", False, str(error))
            return
    told = sorted({f"{message['message']} ({message['url'].rsplit('/', 1)[-1]})" for message in said})
    print("\n".join(told), file=sys.stdout)
    bench.check(f"valid: {len(pages)} pages without an error", len(pages) >= 4 and not told, "; ".join(told[:3]))
