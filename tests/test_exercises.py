"""Every exercise is open as it stands, right with its printed solution, and keeps its secret.

An exercise is a code cell tagged `exercise`, followed by a text cell with the folded solution:

    answer = ...   # replace the dots
    check("01.1", answer)

A notebook runs in a process of its own (`python tests/test_exercises.py NOTEBOOK`): the classes
that it writes would otherwise be among the rules that other tests find.
"""

import ast
import json
import os
import re
import subprocess
import sys
from copy import copy
from functools import cache, wraps

import nbformat
import numpy as np
import pytest
from course_files import NOTEBOOKS, each_notebook

CELLS = {path: nbformat.read(path, as_version=4).cells for path in NOTEBOOKS}
SOLUTION = re.compile(r"<details>\s*<summary>Solution</summary>\n\n(.*?)</details>", re.DOTALL)
PYTHON = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
CHECK = re.compile(r"""check\(["'](.*?)["'], answer\)""")
EXERCISES = [
    pytest.param(path, i, id=f"{path.stem}-cell{i}")
    for path, cells in CELLS.items()
    for i, cell in enumerate(cells)
    if "exercise" in cell.metadata.get("tags", [])
]
each_exercise = pytest.mark.parametrize("path, i", EXERCISES)


def solution(cells, i):
    """The code of the solution below cell i, "" if there is none."""
    text = cells[i + 1].source if i + 1 < len(cells) else ""
    return "".join(PYTHON.findall("".join(SOLUTION.findall(text))))


# ------------------------------------------------------------------------- in the other process


def used_and_bound(source):
    """The names that some code uses, and those that it binds."""
    used, bound = set(), set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            bound |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    return used, bound


def needed(cells, i):
    """The code cells before exercise i, tagged or not, that it or its solution cannot do without.

    Most cells of a chapter draw; an exercise needs a few definitions.
    """
    wanted, _ = used_and_bound(cells[i].source + "\n" + solution(cells, i))
    found = []
    for k in range(i - 1, -1, -1):
        if cells[k].cell_type == "code" and "exercise" not in cells[k].metadata.get("tags", []):
            used, bound = used_and_bound(cells[k].source)
            if bound & wanted or "sys.path" in cells[k].source:
                wanted |= used
                found.insert(0, cells[k].source)
    return found


def numbers_like(right, change):
    """An answer of the same kind, with its numbers changed."""
    if isinstance(right, (list, tuple, np.ndarray)):
        return change(np.asarray(right, dtype=float)).tolist()
    return change(float(right))


def spoil(right):
    """Three wrong answers of the same kind as the right one, by name."""
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
        found = right(*arguments)
        if found is None:
            return None
        if isinstance(found, (bool, np.bool_)):
            return {"larger": not found, "turned": True, "constant": False}[way]
        if isinstance(found, list):
            return {"larger": found[::-1], "turned": found[1:] + found[:1], "constant": found}[way]
        return {"larger": 1.5 * found + 1, "turned": -3 * found, "constant": 0 * found + 77}[way]

    return wrong


def examine(cells, i):
    """Return what `check` says of exercise i as it stands, solved, and spoiled in three ways."""
    from lab.exercises.check import TRIES, check

    space, number = {"__name__": "__main__"}, CHECK.findall(cells[i].source)[0]
    before, _, after = cells[i].source.rpartition("check(")
    for source in [*needed(cells, i), before]:
        exec(compile(source, f"<cell of {number}>", "exec"), space)
    found = {"number": number, "open": check(number, space["answer"]).state}
    exec(compile(solution(cells, i), f"<solution of {number}>", "exec"), space)
    right = space["answer"]
    exec(compile(cells[i].source, f"<cell of {number}>", "exec"), space | {"answer": right})
    found["right"] = str(check(number, right))
    found["again"] = check(number, right).state  # with other cases
    values = right if isinstance(right, (list, tuple)) else [right]
    found["secrets"] = [v if isinstance(v, str) else float(v) for v in values if plain(v)]
    found["spoiled"] = {}
    for way, answer in spoil(right).items():
        TRIES.clear()
        verdict = check(number, answer)
        second = copy(answer) if callable(answer) else answer
        TRIES.get(number, []).append("another")
        said = str(check(number, second))
        third = str(check(number, answer, tell=True))
        found["spoiled"][way] = [verdict.state, str(verdict), said, third]
    return found


def plain(value):
    return isinstance(value, (int, float, str, np.number))


@cache
def run(path):
    return subprocess.run(
        [sys.executable, __file__, path],
        cwd=path.parent,
        env={**os.environ, "PYTHONUTF8": "1", "MPLBACKEND": "agg"},
        capture_output=True,
        encoding="utf-8",
    )


def report(path, i):
    done = run(path)
    assert done.returncode == 0, f"{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return json.loads(done.stdout.splitlines()[-1])[str(i)]


# ------------------------------------------------------------------------- the exercises in place


def tagged(path):
    return [cell for cell in CELLS[path] if "exercise" in cell.metadata.get("tags", [])]


@each_notebook
def test_number_of_exercises(path):
    """A chapter's second notebook, such as 12b, counts on where the first one ended."""
    chapter = path.stem[:2]
    before = sum(
        len(tagged(other)) for other in NOTEBOOKS if other.stem[:2] == chapter and other < path
    )
    numbers = [CHECK.findall(cell.source) for cell in tagged(path)]
    expected = [[f"{chapter}.{before + k + 1}"] for k in range(len(numbers))]
    assert numbers == expected, "one check(…, answer) in each cell"
    parts = [other for other in NOTEBOOKS if other.stem[:2] == chapter]
    assert sum(len(tagged(part)) for part in parts) >= {"00": 3, "15": 0}.get(chapter, 4)
    assert len(numbers) >= (0 if chapter == "15" else 2)  # 15 is the back matter
    for cell in CELLS[path]:
        if cell.cell_type == "code" and re.search(r"(?<![\w.])check\(", cell.source):
            assert cell in tagged(path), f"not tagged as an exercise:\n{cell.source}"


@each_exercise
def test_solution_is_given(path, i):
    source = CELLS[path][i].source
    assert re.search(r"^answer = \.\.\.", source, re.MULTILINE), "nothing to replace"
    assert source.splitlines()[-1].startswith("check("), "the check comes last"
    assert solution(CELLS[path], i), (
        "the next cell needs <details><summary>Solution</summary>, an empty line, "
        "a block of ```python, and </details>"
    )


@each_exercise
def test_verdicts(path, i):
    found = report(path, i)
    assert found["open"] == "open"
    assert ": right" in found["right"], found["right"]
    assert found["again"] == "right"
    for way, (state, said, *_) in found["spoiled"].items():
        assert state == "wrong", f"{way}: {said}"


@each_exercise
def test_no_secret_is_told_before_the_third_try(path, i):
    found = report(path, i)
    for way, (_, first, second, told) in found["spoiled"].items():
        answer = told.partition("The answer: ")[2]
        assert answer, f"{way}: the value is not told on request:\n{told}"
        for said in (first, second):
            assert "The answer" not in said
            hints = re.sub(r"not yet: .*", "", said)
            for secret in found["secrets"]:
                assert not holds(said, secret), f"{way}: {secret} is told in:\n{said}"
            for secret in re.findall(r" it is (.*)\.$", answer):
                for number in numbers_in(secret):
                    assert not holds(hints, number), f"{way}: {number} is told in:\n{said}"


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


def holds(text, secret):
    """Whether a text holds a number, as it would usually be rounded, or a name."""
    text = re.sub(r"Exercise \d\d\.\d+", "", text)
    if isinstance(secret, str):
        return bool(re.search(rf"\b{re.escape(secret)}\b", text))
    return any(np.isclose(number, secret, rtol=2e-3, atol=0) for number in numbers_in(text))


@pytest.mark.parametrize(
    "text, secret",
    [
        ("about 0.333 of it", 1 / 3),
        ("1/3", 1 / 3),
        ("33.3 %", 1 / 3),
        ("1,024 of them", 1024),
        ("at −10", -10),
        ("3.03e-05", 3.028e-5),
        ("take AdamW", "AdamW"),
    ],
)
def test_the_search_for_secrets_finds_them(text, secret):
    assert holds(text, secret)
    assert not holds("2/L, with L for 18 or 3.1", secret)


if __name__ == "__main__":
    sys.path[:0] = [".", ".."]
    cells = nbformat.read(sys.argv[1], as_version=4).cells
    indices = [i for i, c in enumerate(cells) if "exercise" in c.metadata.get("tags", [])]
    print("\n" + json.dumps({i: examine(cells, i) for i in indices}))
