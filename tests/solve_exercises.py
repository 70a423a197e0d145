"""Solve and spoil the exercises of all notebooks, in a process of its own.

    python tests/solve_exercises.py FOLDER NOTEBOOK…     # prints what `check` said, as JSON

The classes that the chapters write would otherwise be among the rules that other tests find. Cells
that an exercise does not need are left out: most of them draw.
"""

import json
import re
import symtable
import sys
from copy import copy
from functools import wraps
from pathlib import Path

import numpy as np

SOLUTION = re.compile(r"<details>\s*<summary>Solution</summary>\n\n(.*?)</details>", re.DOTALL)
PYTHON = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
CHECK = re.compile(r"""check\(["'](.*?)["'], answer\)""")


def read(path):
    """The cells of a notebook, their sources as text. (To import nbformat takes seconds.)"""
    cells = json.loads(Path(path).read_text(encoding="utf-8"))["cells"]
    return [{**cell, "source": "".join(cell["source"])} for cell in cells]


def is_exercise(cell):
    return "exercise" in cell["metadata"].get("tags", [])


def solution(cells, i):
    """The code of the solution below cell i, "" if there is none."""
    text = cells[i + 1]["source"] if i + 1 < len(cells) else ""
    return "".join(PYTHON.findall("".join(SOLUTION.findall(text))))


def used_and_bound(source):
    """The names that some code takes from elsewhere, and those that it binds at its top."""
    top = symtable.symtable(source, "a cell", "exec")
    bound = {s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported()}
    used, tables = set(), [top]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        used |= {s.get_name() for s in table.get_symbols() if s.is_global() and s.is_referenced()}
    used |= {s.get_name() for s in top.get_symbols() if s.is_referenced()}
    return used - bound, bound


def needed(cells, i):
    """The code cells before exercise i, tagged or not, that it or its solution cannot do without.

    Most cells of a chapter draw; an exercise needs a few definitions.
    """
    wanted, _ = used_and_bound(cells[i]["source"] + "\n" + solution(cells, i))
    found = []
    for k in range(i - 1, -1, -1):
        if cells[k]["cell_type"] == "code" and not is_exercise(cells[k]):
            used, bound = used_and_bound(cells[k]["source"])
            if bound & wanted or "sys.path" in cells[k]["source"]:
                wanted |= used
                found.insert(0, cells[k]["source"])
    return found


def numbers_like(right, change):
    """An answer of the same kind, with its numbers changed."""
    if isinstance(right, (list, tuple, np.ndarray)):
        return change(np.asarray(right, dtype=float)).tolist()
    return change(float(right))


NUMBER = re.compile(
    r"(?<![\w.])[-−]?\d+(?:[ ,]\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?(?: ?/ ?\d+)?(?: ?%)?"
)


def numbers_in(text):
    """The numbers in a text: 0.333, 1/3, 33 %, 1,024, 3e-5, −10."""
    found = []
    for spelt in NUMBER.findall(text):
        spelt = spelt.replace("−", "-").replace(",", "").replace(" ", "")
        share = 0.01 if spelt.endswith("%") else 1
        top, *bottom = (float(part) for part in spelt.rstrip("%").split("/"))
        found.append(share * top / (bottom or [1])[0] if (bottom or [1])[0] else np.inf)
    return found


SPOILED = {  # where an answer must have a form that a changed number seldom has
    "04.4": ((0.5, 3.0), (0.97, 0.0), (0.2, 9.0)),
    "10.3": ((12, 10), (101, 100), (5, 10)),
    "12.3": ((-7, 2, 30), (5, 3, 10), (-7, 2, 1)),
    "13.4": (["W1"], ["W1", "b1", "W2", "b2", "W3"], ["W3", "b3"]),
}


def spoil(number, right):
    """Three wrong answers of the same kind as the right one, by name."""
    if number in SPOILED:
        return {str(answer): answer for answer in SPOILED[number]}
    if callable(right) and not hasattr(right, "update"):
        return {way: wraps(right)(spoiled(right, way)) for way in ("larger", "turned", "constant")}
    if hasattr(right, "update"):
        found = {}
        for way, lr in (("faster", 30.0), ("slower", right.lr / 100), ("still", 1e-9)):
            found[way] = copy(right)
            found[way].lr = lr
        return found
    words = [right] if isinstance(right, str) else right
    if isinstance(words, (list, tuple)) and isinstance(words[0], str):
        if len(words) == 1:
            return {name: name for name in ("Adam", "AMSGrad", "RMSProp")}
        turned = [words[1:] + words[:1], words[::-1], [words[0], *words[:-1]]]
        return dict(zip(("moved on", "reversed", "one twice"), turned))
    return {
        "larger": numbers_like(right, lambda x: 1.5 * x + 1),
        "much larger": numbers_like(right, lambda x: 40 * x + 3),
        "smaller": numbers_like(right, lambda x: x / 7 - 1),
    }


def spoiled(right, way):
    """The right function, but for what it returns."""

    def wrong(*arguments):
        if way == "larger" and hasattr(arguments[0], "update"):  # it is to change an optimizer
            return None
        found = right(*arguments)
        if found is None:
            arguments[0].lr *= {"turned": 2, "constant": 0.5}[way]
            return None
        return changed(found, way)

    return wrong


def changed(found, way):
    """What a function returned, changed in one of three ways."""
    if isinstance(found, tuple):  # of a function with a config, the next w
        return changed(found[0], way), *found[1:]
    if isinstance(found, (bool, np.bool_)):
        return {"larger": not found, "turned": True, "constant": False}[way]
    if isinstance(found, list):
        return {
            "larger": found[::-1],
            "turned": found[1:] + found[:1],
            "constant": found[:1] * len(found),
        }[way]
    return {"larger": 1.5 * found + 1, "turned": -3 * found, "constant": 0 * found + 77}[way]


def failing(*arguments):
    return 1 / 0


def endless(*arguments):
    while True:
        pass


def broken(number, right):
    """What `check` says of an answer that fails, and of one that never ends."""
    from lab.exercises import trial
    from lab.exercises.check import check

    said, patience = [], trial.SECONDS
    for wrong in (failing, endless) if callable(right) else ():
        trial.SECONDS = patience if wrong is failing else 0.1
        said.append(str(check(number, wraps(right)(lambda *a, wrong=wrong: wrong(*a)))))
    trial.SECONDS = patience
    return said


def examine(cells, i):
    """Return what `check` says of exercise i as it stands, solved, and spoiled in three ways."""
    from lab.exercises.check import TRIES, check

    space, number = {"__name__": "__main__"}, CHECK.findall(cells[i]["source"])[0]
    before, _, after = cells[i]["source"].rpartition("check(")
    for source in [*needed(cells, i), before]:
        exec(compile(source, f"<cell of {number}>", "exec"), space)
    found = {"number": number, "open": check(number, space["answer"]).state}
    exec(compile(solution(cells, i), f"<solution of {number}>", "exec"), space)
    right = space["answer"]
    exec(compile(cells[i]["source"], f"<cell of {number}>", "exec"), space | {"answer": right})
    found["right"] = str(check(number, right))
    found["again"] = check(number, right).state  # with other cases
    values = right if isinstance(right, (list, tuple)) else [right]
    found["secrets"] = [v if isinstance(v, str) else float(v) for v in values if plain(v)]
    found["spoiled"], found["told"] = {}, []
    for way, answer in spoil(number, right).items():
        TRIES.clear()
        verdict = check(number, answer)
        second = copy(answer) if callable(answer) else answer
        TRIES.get(number, []).append("another")
        said = str(check(number, second))
        third = str(check(number, answer, tell=True))
        found["spoiled"][way] = [verdict.state, str(verdict), said, third]
        hints = "".join(re.findall("[Hh]int: .*", said))
        guessed = numbers_in(hints) if np.isscalar(right) and not isinstance(right, str) else []
        found["told"] += [n for n in guessed if check(number, n).state == "right"]
    found["broken"] = broken(number, right)
    return found


def plain(value):
    return isinstance(value, (int, float, str, np.number))


if __name__ == "__main__":
    folder = Path(sys.argv[1]).resolve()
    sys.path[:0] = [str(folder), str(folder.parent)]  # as the set-up cell does
    found = {}
    for path in sys.argv[2:]:
        cells = read(path)
        found[path] = {i: examine(cells, i) for i, cell in enumerate(cells) if is_exercise(cell)}
    print("\n" + json.dumps(found))
