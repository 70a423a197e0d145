"""Every exercise is open as it stands, right with its printed solution, wrong with a wrong number.

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
import tempfile
import warnings
from functools import cache

import nbformat
import numpy as np
import pytest
from course_files import NOTEBOOKS, each_notebook

CELLS = {path: nbformat.read(path, as_version=4).cells for path in NOTEBOOKS}
SOLUTION = re.compile(r"<details>\s*<summary>Solution</summary>\n\n(.*?)</details>", re.DOTALL)
PYTHON = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
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


def blank(statement):
    """Whether this statement has dots to be replaced: `x = ...`, or a function of `...`."""
    return any(
        isinstance(node, (ast.Assign, ast.Return, ast.Expr))
        and isinstance(node.value, ast.Constant)
        and node.value.value is ...
        for node in ast.walk(statement)
    )


def blanks(source):
    """Return (the names that the reader is to fill in, the cell without them)."""
    body = ast.parse(source).body
    names = []
    for statement in filter(blank, body):
        targets = getattr(statement, "targets", [statement])
        names += [getattr(target, "id", getattr(target, "name", None)) for target in targets]
    rest = [statement for statement in body if not blank(statement)]
    return names, ast.unparse(ast.Module(rest, []))


def judge(cells):
    """Run all cells in order, as Run All does; then solve each exercise, rightly and wrongly.

    Return {index of the cell: [verdict as it stands, when solved, {name: when that is wrong}]}.
    """
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    shell = InteractiveShell.instance(config=Config(HistoryManager={"enabled": False}))
    ours = r"__main__|optimizers|lab\."
    warnings.filterwarnings("error", category=DeprecationWarning, module=ours)

    def value(source):
        result = shell.run_cell(source)
        result.raise_error()
        return getattr(result.result, "state", f"no verdict but {result.result!r}")

    found = {}
    for i, cell in enumerate(cells):
        if cell.cell_type == "code":
            state = value(cell.source)
            if "exercise" in cell.metadata.get("tags", []):
                found[i] = [state]
    for i in found:
        try:
            found[i] += solve(shell, value, cells[i].source, solution(cells, i))
        except Exception as error:  # this exercise is at fault, the others need not be
            found[i] += [repr(error), {}]
    return found


def solve(shell, value, exercise, solution):
    """Return [verdict on the solution, {name: verdict when this number is wrong}]."""
    names, rest = blanks(exercise)
    for name in names:
        shell.user_ns.pop(name, None)  # the solution itself has to bring it
    shell.run_cell(solution).raise_error()
    solved, spoiled = value(rest), {}
    for name in names:
        right = shell.user_ns[name]
        if not callable(right) and np.asarray(right).dtype.kind in "fiu":
            numbers = np.asarray(right) * 1.5 + 1
            shell.user_ns[name] = numbers if numbers.ndim else numbers.item()
            spoiled[name] = value(rest)
            shell.user_ns[name] = right
    return [solved, spoiled]


@cache
def run(path):
    with tempfile.TemporaryDirectory() as private:  # where IPython leaves its profile
        return subprocess.run(
            [sys.executable, __file__, path],
            cwd=path.parent,
            env={**os.environ, "PYTHONUTF8": "1", "MPLBACKEND": "agg", "IPYTHONDIR": private},
            capture_output=True,
            encoding="utf-8",
        )


def tagged(path):
    return [cell for cell in CELLS[path] if "exercise" in cell.metadata.get("tags", [])]


@each_notebook
def test_number_of_exercises(path):
    """A chapter's second notebook, such as 12b, counts on where the first one ended."""
    chapter = path.stem[:2]
    before = sum(
        len(tagged(other)) for other in NOTEBOOKS if other.stem[:2] == chapter and other < path
    )
    numbers = [re.findall(r"""check\(["'](.*?)["'],""", cell.source) for cell in tagged(path)]
    expected = [[f"{chapter}.{before + k + 1}"] for k in range(len(numbers))]
    assert numbers == expected, "one check in each cell"
    parts = [other for other in NOTEBOOKS if other.stem[:2] == chapter]
    assert sum(len(tagged(part)) for part in parts) >= {"00": 3, "15": 0}.get(chapter, 4)
    assert len(numbers) >= (0 if chapter == "15" else 2)  # 15 is the back matter
    for cell in CELLS[path]:
        if cell.cell_type == "code" and re.search(r"(?<![\w.])check\(", cell.source):
            assert cell in tagged(path), f"not tagged as an exercise:\n{cell.source}"


@each_exercise
def test_solution_is_given(path, i):
    names, rest = blanks(CELLS[path][i].source)
    assert names, "nothing to replace: write `answer = ...`"
    assert "check(" in rest.splitlines()[-1], "the check comes last"
    assert solution(CELLS[path], i), (
        "the next cell needs <details><summary>Solution</summary>, an empty line, "
        "a block of ```python, and </details>"
    )


@each_exercise
def test_states(path, i):
    done = run(path)
    assert done.returncode == 0, f"Run All stops:\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    untouched, solved, spoiled = json.loads(done.stdout.splitlines()[-1])[str(i)]
    assert untouched == "open"
    assert solved == "right"
    for name, state in spoiled.items():
        assert state == "wrong", f"{name} * 1.5 + 1 was judged {state}"


if __name__ == "__main__":
    sys.path[0] = ""  # as in a kernel: what lies beside the notebook, not beside this file
    print("\n" + json.dumps(judge(nbformat.read(sys.argv[1], as_version=4).cells)))
