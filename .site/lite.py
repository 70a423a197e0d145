"""JupyterLite: the whole course, editable, run by Python in the reader's own browser.

Its pages come from here, its Python (Pyodide, NumPy, Matplotlib) from Pyodide's own address when a
reader runs the first cell. anywidget and what it needs, which Pyodide has not, lie in
notebooks/lab/browser.zip; lab/__init__.py finds them there, so that nothing has to be installed.
"""

import importlib.util
import json
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import nbformat
from jupyterlite_pyodide_kernel.constants import PYODIDE_VERSION

HERE = Path(__file__).resolve().parent
PACKAGES = ["anywidget", "ipywidgets", "psygnal", "typing_extensions"]
PROMISE = f"""This is **JupyterLite**: Python runs in this browser, and what you change is kept in
it, on this machine. The first cell that you run loads Pyodide {PYODIDE_VERSION}, NumPy and
Matplotlib from `cdn.jsdelivr.net`: about 25 MB, once, half a minute to a minute. Until then the
cell shows `[*]`. If it fails, that address cannot be reached from here: take another door, or the
download."""


def build_lite(course, out, scratch):
    """Write JupyterLite with the course's files to `out`."""
    work = scratch / "lite"
    contents = work / "contents"
    shutil.copytree(course, contents)
    for path in contents.glob("notebooks/**/*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        promise = nbformat.v4.new_markdown_cell(PROMISE.replace("\n", " "), id="jupyterlite")
        notebook.cells.insert(1, promise)  # below the title
        nbformat.write(notebook, path)
    pack_packages(contents / "notebooks" / "lab" / "browser.zip")
    settings = json.loads((HERE.parent / ".jupyter" / "overrides.json").read_text("utf-8"))
    (work / "overrides.json").write_text(json.dumps(settings), encoding="utf-8")
    command = [sys.executable, "-m", "jupyter", "lite", "build", "--no-sourcemaps"]
    command += [part for app in ("lab", "notebooks", "tree") for part in ("--apps", app)]
    command += ["--no-unused-shared-packages", "--lite-dir", str(work)]
    command += ["--contents", str(contents), "--output-dir", str(out)]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=work)
    if run.returncode:
        raise SystemExit(run.stdout + run.stderr)


def pack_packages(target):
    """Write the Python files of PACKAGES, as they are installed here, into one archive."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in PACKAGES:
            origin = Path(importlib.util.find_spec(name).origin)
            files = [origin]
            if origin.name == "__init__.py":
                files = [path for path in sorted(origin.parent.rglob("*.py"))]
            top = origin.parent.parent if origin.name == "__init__.py" else origin.parent
            for path in files:
                if "tests" not in path.parts:
                    archive.write(path, path.relative_to(top).as_posix())
            told = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version(name)}\n"
            archive.writestr(f"{name}-{version(name)}.dist-info/METADATA", told)
