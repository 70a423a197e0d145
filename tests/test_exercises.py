"""Every exercise is open as it stands, right with its printed solution, and keeps its secret.

An exercise is a code cell tagged `exercise`, followed by a text cell with the folded solution:

    answer = ...   # replace the dots
    check("01.1", answer)

They are solved and spoiled by solve_exercises.py.
"""

import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from course_files import DEEPER, NOTEBOOKS, ROOT, each_notebook
from solve_exercises import CHECK, is_exercise, numbers_in, read, solution

CELLS = {path: read(path) for path in NOTEBOOKS}
EXERCISES = [
    pytest.param(path, i, id=f"{path.stem}-cell{i}")
    for path, cells in CELLS.items()
    for i, cell in enumerate(cells)
    if is_exercise(cell)
]
each_exercise = pytest.mark.parametrize("path, i", EXERCISES)


@cache
def solved():
    """What `check` said of all exercises: {path: {index of the cell: …}}, see `examine`."""
    script = Path(__file__).with_name("solve_exercises.py")
    return subprocess.run(
        [sys.executable, script, ROOT / "notebooks", *NOTEBOOKS],
        cwd=ROOT / "notebooks",
        env={**os.environ, "PYTHONUTF8": "1", "MPLBACKEND": "agg"},
        capture_output=True,
        encoding="utf-8",
    )


def report(path, i):
    done = solved()
    assert done.returncode == 0, f"{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return json.loads(done.stdout.splitlines()[-1])[str(path)][str(i)]


# ------------------------------------------------------------------------- the exercises in place


def tagged(path):
    return [cell for cell in CELLS[path] if is_exercise(cell)]


@each_notebook
def test_number_of_exercises(path):
    """A lesson and its deeper pages share their numbers, without a gap."""
    chapter = path.stem[:2]
    parts = [other for other in NOTEBOOKS if other.stem[:2] == chapter]
    numbers = [CHECK.findall(cell["source"]) for cell in tagged(path)]
    assert all(len(found) == 1 for found in numbers), "one check(…, answer) in each cell"
    assert numbers == sorted(numbers)
    every = sorted(k for part in parts for c in tagged(part) for k in CHECK.findall(c["source"]))
    assert every == [f"{chapter}.{k + 1}" for k in range(len(every))]
    assert len(every) >= {"00": 3, "15": 0}.get(chapter, 4)
    assert len(numbers) >= (0 if chapter == "15" or path in DEEPER else 2)  # 15: the back matter
    for cell in CELLS[path]:
        if cell["cell_type"] == "code" and re.search(r"(?<![\w.])check\(", cell["source"]):
            assert cell in tagged(path), f"not tagged as an exercise:\n{cell['source']}"


@each_exercise
def test_solution_is_given(path, i):
    source = CELLS[path][i]["source"]
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
    assert not found["told"], "a number that stands in a hint is a right answer"


@each_exercise
def test_what_goes_wrong_in_an_answer_is_named(path, i):
    """Whatever it is called with: a function or an optimizer must not hide the reader's error."""
    found = report(path, i)
    for said, words in zip(found["broken"], ("it divides by zero", "has not ended after")):
        assert words in said and "Hint" not in said, said


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
