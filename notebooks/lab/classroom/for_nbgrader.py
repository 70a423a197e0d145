"""A course for nbgrader: one assignment a lesson, with points, solutions between its own marks.

    export(OUT, ["01", "04"])

OUT is a course folder: source/lesson_01/…, gradebook settings, and beside each notebook what it
needs, since every stage of nbgrader is another folder. Each exercise is a cell that students fill,
and a locked cell with a point, which asks the judge of the lab that lies beside the notebook;
nbgrader puts the teacher's copy of that lab back before it marks.
"""

import re
import shutil
from pathlib import Path

from .course import ITEM, NOTEBOOKS, ROOT, items, pages, read, write
from .handout import handed_out

SETTINGS = """c = get_config()
c.CourseDirectory.course_id = "downhill"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__"]
c.ExecutePreprocessor.timeout = 120
c.ClearSolutions.code_stub = {"python": "answer = ..."}
"""
SOLUTION = re.compile(r"<details>\s*<summary>Solution</summary>\n\n(.*?)</details>", re.DOTALL)
PYTHON = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
BELOW = 'sys.path.insert(0, "..")  # optimizers.py lies one folder up'
BESIDE = 'sys.path.insert(0, ".")  # optimizers.py lies beside this notebook'


def export(out, numbers):
    """Write a course folder that is new or empty. Returns the names of its assignments.

    numbers: lessons; all that have exercises, if none. Raises ValueError as `copy` does.
    """
    out = Path(out)
    if out.exists() and any(out.iterdir()):
        raise ValueError(f"{out} is not empty: name a new folder")
    names = []
    for path in pages(numbers):
        if path.parent != NOTEBOOKS or not any(i.verb == "check" for i in items(read(path))):
            continue
        name = f"lesson_{path.stem.split('_')[0]}"
        folder = out / "source" / name
        write(assignment(path), folder / path.name)
        _beside(folder, path)
        names.append(name)
    (out / "nbgrader_config.py").write_text(SETTINGS, encoding="utf-8")
    return names


def assignment(path):
    """Return a lesson as an nbgrader source notebook."""
    stored, solutions = read(path)["cells"], {}
    for cell, below in zip(stored, stored[1:]):
        found = ITEM.search(cell["source"]) if "exercise" in str(cell["metadata"]) else None
        if found:
            solutions[found[2]] = "\n".join(
                PYTHON.findall("".join(SOLUTION.findall(below["source"])))
            )
    notebook = handed_out(path, set(), solutions="none")
    cells = []
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].replace(BELOW, BESIDE).replace("../img/", "img/")
        if not cell["id"].startswith("ex-") or cell["cell_type"] != "code":
            cells.append(cell)
            continue
        number = ITEM.search(cell["source"])[2]
        own, judged = answer_cell(cell, solutions[number]), points_cell(cell["id"], number)
        cells += [own, judged]
    notebook["cells"] = cells
    return notebook


def answer_cell(cell, solution):
    """The cell that students fill; its solution is taken out by `nbgrader generate_assignment`."""
    marked = f"### BEGIN SOLUTION\n{solution.strip()}\n### END SOLUTION"
    source = re.sub(r"^answer = \.\.\..*$", lambda _: marked, cell["source"], flags=re.MULTILINE)
    about = dict(grade=False, solution=True, locked=False, task=False)
    return cell | {"source": source, "metadata": _about(cell["id"], **about)}


def points_cell(name, number):
    """The locked cell that gives a point if the judge says right."""
    source = (
        "from lab.exercises.check import check as judge  # whatever `check` is by now\n\n"
        f'verdict = judge("{number}", answer)\nassert verdict.state == "right", verdict'
    )
    about = dict(grade=True, solution=False, locked=True, task=False, points=1)
    return {
        "cell_type": "code",
        "id": f"points-{name}",
        "metadata": _about(f"points-{name}", **about),
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def _about(name, **more):
    return {"nbgrader": {"schema_version": 3, "grade_id": name, "cell_type": "code"} | more}


def _beside(folder, path):
    """Copy into an assignment what its notebook needs."""
    shutil.copytree(
        NOTEBOOKS / "lab",
        folder / "lab",
        ignore=shutil.ignore_patterns("__pycache__", "classroom"),
    )
    shutil.copy(ROOT / "optimizers.py", folder)
    for name in set(re.findall(r"\.\./img/([\w.]+)", path.read_text(encoding="utf-8"))):
        (folder / "img").mkdir(exist_ok=True)
        shutil.copy(ROOT / "img" / name, folder / "img" / name)
