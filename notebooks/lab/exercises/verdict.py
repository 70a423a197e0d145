"""What the learner's verbs answer: a state for programs, a text for the reader."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """state: "open", "right", "wrong" or "unknown" (no such exercise). text: what is shown."""

    state: str
    text: str

    def __repr__(self):
        return self.text


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
