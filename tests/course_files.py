"""What several tests need to know about the files of this course."""

import json
import re
import subprocess
from pathlib import Path
from shutil import which

import pytest

ROOT = Path(__file__).resolve().parents[1]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
DEEPER = sorted((ROOT / "notebooks" / "deeper").glob("*.ipynb"))
NOTEBOOKS = [*LESSONS, *DEEPER]
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)

# A path that begins at the root of somebody's disk; not an address, nor a path below a folder.
MACHINE_PATH = re.compile(
    r"(?<![\w.:/~-])/(?:Users|home|media|mnt|opt|private|root|srv|tmp|usr/local|var|work)/\w"
    r"|\b[A-Z]:\\+(?:Users|Windows|Program)"
)


def course_files():
    """The files that belong to the course: tracked by git, or new and not ignored."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True) if which("git") else None
    if run is None or run.returncode:
        pytest.skip("not a git checkout, so nothing tells the course's own files from others")
    paths = [ROOT / name for name in run.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]  # one may be deleted and still tracked


def page(number):
    """The file of the lesson with this number, such as "09" or "10b"."""
    return next(path for path in LESSONS if path.stem.startswith(f"{number}_"))


def with_deeper(path):
    """A lesson and its deeper pages; of a deeper page, itself."""
    own = f"{path.stem.partition('_')[0]}_"
    return [path, *(other for other in DEEPER if path in LESSONS and other.name.startswith(own))]


def words(path, outputs=False):
    """The text of a notebook; with outputs=True also what its cells printed."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    parts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    if outputs:
        parts += ["".join(out.get("text", "")) for c in cells for out in c.get("outputs", [])]
    return "\n\n".join(parts)


def section(text, title):
    """The part of a text below a heading of the second level, up to the next one."""
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def table(text, first):
    """The rows, as lists of cells, of the table whose first column has this title."""
    lines = text[text.index(f"\n| {first} |") :].strip().split("\n\n")[0].splitlines()
    return [[part.strip() for part in line.strip()[1:-1].split("|")] for line in lines[2:]]
