"""What several tests need to know about the files of this course."""

import re
import subprocess
from pathlib import Path
from shutil import which

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
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
