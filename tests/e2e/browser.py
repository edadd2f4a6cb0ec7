"""A Chromium of our own that runs the checks of the .cjs files, one after another, as long as the `with` block."""

import json
import os
import subprocess
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent
PATIENCE = 600  # seconds for one check


class Browser:
    """Starts with the first check; after one that hangs or crashes the next has a new one."""

    def __init__(self, modules):
        self.modules, self.process = modules, None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stop()

    def check(self, program, *arguments):
        """What the check in the file `program` found."""
        if self.process is None:
            self.process = subprocess.Popen(
                ["node", HERE / "serve.cjs"], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                env={**os.environ, "NODE_PATH": str(self.modules)})
        killer = threading.Timer(PATIENCE, self.process.kill)
        killer.start()
        try:
            print(json.dumps({"program": program, "arguments": [str(one) for one in arguments]}),
                  file=self.process.stdin, flush=True)
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            killer.cancel()
        if not line:
            self._stop()
            raise RuntimeError(f"{program} ended without an answer: Chromium did not start, crashed, or took "
                               f"more than {PATIENCE} s")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(f"{program}: {answer['error']}")
        return answer["found"]

    def _stop(self):
        process, self.process = self.process, None
        if process is None:
            return
        try:
            process.stdin.close()  # which ends it
            process.wait(30)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            process.kill()
            process.wait()
