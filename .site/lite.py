"""JupyterLite: the whole course, editable, run by Python in the reader's own browser."""

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def build_lite(course, out, scratch):
    """Write JupyterLite with the course's files to `out`."""
    work = scratch / "lite"
    work.mkdir()
    # Only what a page opens by itself is said here: everything else is as in JupyterLab.
    settings = json.loads((HERE.parent / ".jupyter" / "overrides.json").read_text("utf-8"))
    (work / "overrides.json").write_text(json.dumps(settings), encoding="utf-8")
    command = [sys.executable, "-m", "jupyter", "lite", "build", "--apps", "lab"]
    command += ["--apps", "notebooks", "--apps", "tree", "--no-unused-shared-packages"]
    command += ["--no-sourcemaps", "--lite-dir", str(work), "--contents", str(course)]
    command += ["--output-dir", str(out)]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=work)
    if run.returncode:
        raise SystemExit(run.stdout + run.stderr)
