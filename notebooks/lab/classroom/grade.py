"""Mark what a class hands in: each notebook in a process of its own, by the course's own judge.

    grade(FOLDER) → rows (student, exercise, state, seconds, said, note)

FOLDER holds notebooks, or a folder for each student. What runs is only what an answer needs, so a
lesson takes a second, not ten. This is no prison: who writes code to cheat the marking can, so
mark strangers' work on a machine, or in a container, with nothing else on it.
"""

import csv
import json
import os
import queue
import secrets
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .course import ITEM, NOTEBOOKS, ROOT, items, pages, read

STARTING = 30  # seconds that Python may take to start, on a slow disk
GRACE = 5  # seconds beyond the limits, after which a process is ended from outside
FIELDS = ("student", "notebook", "exercise", "state", "seconds", "said", "note")
LOOK = ("look", "unreadable", "nothing", "seed")  # what a teacher should look at
QUIET = {"PYTHONUTF8": "1", "MPLBACKEND": "agg", "OPENBLAS_NUM_THREADS": "1"}


def grade(folder, limit=10, jobs=None, salt=None, seeds=None, told=lambda text: None):
    """Return the rows of a folder of notebooks, one for each student and item, sorted.

    limit: seconds for each item. jobs: notebooks at a time. salt: draws the cases that functions
    are tried with; a new one for each marking if none is given. seeds: {student: seed}. told: a
    function that is handed a line for each notebook that is done.
    """
    papers = collected(folder)
    salt = secrets.randbelow(2**31) if salt is None else salt
    known = {path.stem: items(read(path)) for path in pages()}
    seeds = seeds or {}

    def work(paper):
        student, path = paper
        rows = mark(student, path, known, limit, salt, seeds.get(student))
        told(f"{student}: {summary(rows)}")
        return rows

    with ThreadPoolExecutor(jobs or os.cpu_count()) as pool:
        return [row for rows in pool.map(work, papers) for row in rows]


def collected(folder):
    """Return [(student, path)] of the notebooks in a folder.

    The student is the folder below it, or the name of the file. Raises ValueError if none is there.
    """
    folder = Path(folder)
    paths = sorted(
        path for path in folder.rglob("*.ipynb") if ".ipynb_checkpoints" not in str(path)
    )
    if not paths:
        raise ValueError(f"no notebook is in {folder}")
    parts = [path.relative_to(folder).with_suffix("").parts for path in paths]
    return [(own[0], path) for own, path in zip(parts, paths)]


def mark(student, path, known, limit=10, salt=0, seed=None):
    """Return the rows of one notebook. known: {stem of a lesson: its Items}."""
    row = dict.fromkeys(FIELDS, "") | {"student": student, "notebook": path.name, "seconds": 0}
    try:
        cells = read(path)["cells"]
        lesson, wanted = lesson_of(path, cells, known)
    except ValueError as error:
        return [row | {"state": "unreadable", "said": str(error)}]
    if not wanted:
        return [row | {"state": "nothing", "said": "no cell in it hands in an exercise"}]
    found = {}
    while len(found) < len(wanted):
        left = [item for item in wanted if item not in found]
        found |= examined(cells, left, limit, salt, seed)
    return [row | {"exercise": item.name} | found[item] for item in wanted]


def lesson_of(path, cells, known):
    """Return (stem, Items) of the lesson that a notebook is, whatever its file is called.

    It is the one with most of the items that the cells hand in; exercises of the reader's own count
    for none.
    """
    spelt = Counter()
    for cell in cells:
        spelt.update(ITEM.findall(cell["source"]) if cell["cell_type"] == "code" else ())
    ids = {cell.get("id") for cell in cells}

    def shared(stem):
        same = [i for i in known[stem] if (i.verb, i.number) in spelt or i.handed_out in ids]
        return len(same), stem in path.stem

    best = max(known, key=shared)
    return (best, known[best]) if any(shared(best)) else ("", [])


def examined(cells, wanted, limit, salt, seed):
    """Return {Item: what was found}, at least for the first of the Items, by one process."""
    plain = [
        {key: cell.get(key) for key in ("cell_type", "source", "id", "execution_count")}
        for cell in cells
    ]
    task = {"cells": plain, "seconds": limit, "salt": salt, "seed": seed}
    task["items"] = [(item.verb, item.number, item.cell) for item in wanted]
    with tempfile.TemporaryDirectory() as empty:  # what a student's code writes is thrown away
        child = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.examine"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=empty,
            env=os.environ | QUIET | {"PYTHONPATH": os.pathsep.join([str(NOTEBOOKS), str(ROOT)])},
            encoding="utf-8",
        )
        heard = queue.Queue()
        threading.Thread(target=_listen, args=(child, json.dumps(task), heard), daemon=True).start()
        try:
            return _answers(wanted, heard, limit)
        finally:
            child.kill()
            child.wait()


def _listen(child, task, heard):
    """Hand the process its task and put each line that it says into a queue, None at its end."""
    try:
        child.stdin.write(task)
        child.stdin.close()
        for line in child.stdout:
            heard.put(json.loads(line))
    except (OSError, ValueError):
        pass
    heard.put(None)


def _answers(wanted, heard, limit):
    """Return {Item: what was found} until the process ends, or one item takes too long."""
    found = {}
    most = 2 * limit + GRACE  # to make the answer, and to judge it; then it hangs outside of Python
    for item in wanted:
        try:
            line = heard.get(timeout=most if found else most + STARTING)
            if line is not None and "begun" in line:
                line = heard.get(timeout=most)
        except queue.Empty:
            said = f"it has not ended after {most:g} seconds and could not be stopped"
            return found | {item: {"state": "time", "said": said, "note": "", "seconds": most}}
        if line is None:
            said = "Python itself ended: it left, crashed or wanted too much memory"
            return found | {item: {"state": "error", "said": said, "note": "", "seconds": 0}}
        found[item] = line
    return found


def summary(rows):
    """Return one line on the rows of a student: "3 of 4 right (01.2 wrong)"."""
    right = [row for row in rows if row["state"] == "right"]
    others = [f"{row['exercise']} {row['state']}".strip() for row in rows if row not in right]
    more = f" ({', '.join(others)})" if others else ""
    return f"{len(right)} of {len(rows)} right{more}"


def write_tables(rows, path):
    """Write the rows to a CSV, and beside it NAME_by_student.csv with one line for each student."""
    path = Path(path)
    with path.open("w", newline="", encoding="utf-8-sig") as file:  # so that spreadsheets see UTF-8
        table = csv.DictWriter(file, FIELDS)
        table.writeheader()
        table.writerows({key: harmless(value) for key, value in row.items()} for row in rows)
    columns = list(dict.fromkeys(row["exercise"] for row in rows if row["exercise"]))
    students = list(dict.fromkeys(row["student"] for row in rows))
    short = path.with_name(f"{path.stem}_by_student.csv")
    with short.open("w", newline="", encoding="utf-8-sig") as file:
        table = csv.writer(file)
        table.writerow(["student", "right", "of", "to look at", *columns])
        for student in students:
            own = [row for row in rows if row["student"] == student]
            states = {row["exercise"]: row["state"] for row in own}
            right = sum(row["state"] == "right" for row in own)
            look = sum(row["state"] in LOOK for row in own)
            cells = [states.get(column, "") for column in columns]
            table.writerow([harmless(student), right, len(own), look, *cells])
    return short


def harmless(value):
    """A text that a spreadsheet does not take for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value


def read_seeds(path):
    """Return {student: seed} from a CSV of two columns, with or without a head.

    Raises ValueError where a line has not two.
    """
    with Path(path).open(newline="", encoding="utf-8-sig") as file:
        lines = [line for line in csv.reader(file) if line]
    if any(len(line) != 2 for line in lines):
        raise ValueError(f"{path} must have two columns, student and seed")
    return {student.strip(): seed.strip() for student, seed in lines}
