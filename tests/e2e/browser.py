"""A Chromium of our own that runs the checks of the .cjs files."""

from pathlib import Path

from served import Served

HERE = Path(__file__).resolve().parent


class Browser(Served):
    """After a check that hangs or crashes the next has a new Chromium."""

    def __init__(self, modules):
        super().__init__(["node", HERE / "serve.cjs"], NODE_PATH=str(modules))

    def check(self, program, *arguments):
        """What the check in the file `program` found."""
        answer = self.ask({"program": program, "arguments": [str(one) for one in arguments]})
        if "error" in answer:
            raise RuntimeError(f"{program}: {answer['error']}")
        return answer["found"]
