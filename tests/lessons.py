"""What a lesson asks of its reader, counted: words, formulas, lines of code, guesses and minutes.

    python tests/lessons.py        # a table of all lessons and deeper pages

The minutes are those of a reader with a pencil: 120 words of mathematical prose, one display
formula or seven lines of code a minute, 1.5 minutes for a guess, 4 for a live picture, and for an
exercise what the text says, as in "(10 min)".
"""

import re
from dataclasses import dataclass
from functools import cache
from statistics import median

import nbformat
from course_files import DEEPER, LESSONS

LIVE = re.compile(
    r"^\w*(?:stage|plane|cloud|injector|schedule_stage|roots|playground)\(", re.MULTILINE
)
SOLUTION = re.compile(r"<details><summary>Solution</summary>.*?</details>", re.DOTALL)
OWN_WORK = {"exercise", "build", "optimizer"}  # tags of what the reader writes, and of the class


@dataclass
class Counts:
    """What was counted; sizes: lines of each code cell that is not the reader's own."""

    words: int
    formulas: int
    sizes: list
    guesses: int
    live: int
    exercises: int  # minutes

    @property
    def lines(self):
        return sum(self.sizes)

    @property
    def minutes(self):
        return (
            self.words / 120
            + self.formulas
            + self.lines / 7
            + 1.5 * self.guesses
            + 4 * self.live
            + self.exercises
        )


def prose(cells):
    """The text that has to be read: no solutions, no references, no code, nothing about a film."""
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    text = re.sub(r"^References: .*$|<img .*?>", "", SOLUTION.sub("", text), flags=re.MULTILINE)
    return re.sub(r"^ *```.*?^ *```", "", text, flags=re.DOTALL | re.MULTILINE)


def lines(cell):
    return len([line for line in cell.source.splitlines() if line.strip()])


@cache
def count(path):
    cells = nbformat.read(path, as_version=4).cells
    text = prose(cells)
    code = [cell for cell in cells if cell.cell_type == "code"]
    others = [cell for cell in code if not OWN_WORK & set(cell.metadata.get("tags", []))]
    plain = re.sub(r"\$\$.*?\$\$", " ", text, flags=re.DOTALL)
    plain = re.sub(r"\$[^$]*\$|\]\([^)]*\)|^\|[-| ]*$", " f ", plain, flags=re.MULTILINE)
    source = "\n".join(cell.source for cell in others)
    return Counts(
        words=len(re.findall(r"\w[\w’'.-]*", plain)),
        formulas=text.count("$$") // 2,
        sizes=[lines(cell) for cell in others],
        guesses=len(re.findall(r"^guess\(", source, flags=re.MULTILINE)),
        live=len(LIVE.findall(source)),
        exercises=sum(map(int, re.findall(r"\((\d+) min\)", text))),
    )


def stated(path):
    """The minutes that a lesson's first cell states."""
    first = nbformat.read(path, as_version=4).cells[0].source
    return int(re.search(r"\*\*Time\*\*: about (\d+) minutes", first)[1])


if __name__ == "__main__":
    print(f"{'':32}words formulas lines median max guesses live exercises minutes")
    for path in [*LESSONS, *DEEPER]:
        c = count(path)
        print(
            f"{path.stem:32}{c.words:5} {c.formulas:8} {c.lines:5} {median(c.sizes):6g} "
            f"{max(c.sizes):3} {c.guesses:7} {c.live:4} {c.exercises:9} {c.minutes:7.0f}"
        )
