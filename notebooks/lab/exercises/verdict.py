"""What the learner's verbs answer: a state for programs, a text for the reader."""

import sys
from dataclasses import dataclass

UNSEEN = []  # verdicts of the cell that is running, which nothing has shown yet


@dataclass(frozen=True)
class Verdict:
    """state: "open", "right", "wrong" or "unknown" (no such exercise). text: what is shown.

    A notebook shows the value of a cell's last line only: a verdict that came earlier, or whose
    line ends in a semicolon, is printed when the cell has ended.
    """

    state: str
    text: str

    def __post_init__(self):
        IPython = sys.modules.get("IPython")
        shell = IPython and IPython.get_ipython()
        if shell:
            UNSEEN.append(self)
            if show_unseen not in shell.events.callbacks["post_run_cell"]:
                shell.events.register("post_run_cell", show_unseen)

    def __repr__(self):
        UNSEEN[:] = [verdict for verdict in UNSEEN if verdict is not self]
        return self.text


def show_unseen(result=None):
    """Print the verdicts that nothing has shown: IPython calls this after each cell."""
    for verdict in UNSEEN[:]:
        print(verdict)


class Wrong(Exception):
    """A judge's no.

    found: one clause on what the reader's answer is or did. hint: one that fits this mistake, if
    the judge knows it. answer: what is told on request, if it is not the same for all mistakes.
    """

    def __init__(self, found, hint=None, answer=None):
        super().__init__(found)
        self.found, self.hint, self.answer = found, hint, answer


class Unfit(Wrong):
    """No answer yet: of another kind than was asked for, or stopped by an error. Not a try."""


def sentences(*clauses):
    """Return clauses as lines, each with its full stop."""
    return "\n".join(clause if clause[-1] in ".?" else f"{clause}." for clause in clauses)
