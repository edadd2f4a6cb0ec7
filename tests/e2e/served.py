"""A program that answers questions, one after another, as long as the `with` block: to start it takes longer than most
answers."""

import json
import os
import subprocess
import threading

PATIENCE = 600  # seconds for one answer


class Served:
    """Questions are lines of JSON on the program's standard input, answers on its standard output.

    It starts with the first question; after one at which it hangs or crashes the next has a new one."""

    def __init__(self, command, **environment):
        self.command, self.environment, self.process = command, environment, None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stop()

    def ask(self, question):
        """What the program answers; an error where it ends instead."""
        if self.process is None:
            self.process = subprocess.Popen(self.command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            env={**os.environ, **self.environment})
        killer = threading.Timer(PATIENCE, self.process.kill)
        killer.start()
        try:
            print(json.dumps(question), file=self.process.stdin, flush=True)
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            killer.cancel()
        if not line:
            self._stop()
            raise RuntimeError(f"no answer to {question}: it did not start, crashed, or took more than {PATIENCE} s")
        return json.loads(line)

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
