"""Build the course as a web site. `bash .site/build OUT` makes the environment that this runs in.

    python .site/build.py OUT                   # everything
    python .site/build.py OUT --only 04,09      # the live pictures of these lessons only
    python .site/build.py OUT --no-lite         # without JupyterLite

OUT/index.html is the front page, OUT/notebooks/ the lessons, OUT/lite/ JupyterLite. Nothing is
asked of another host by a page, and the pages (not JupyterLite) also work from a folder, without a
server. Stored outputs are shown as they are stored. Notebooks with live pictures are run, so that
what these can show goes into the pages.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
COURSE = ["README.md", "CONTRIBUTING.md", "LICENSE", "optimizers.py", "requirements.txt", "img"]
COURSE += ["CITATION.cff", "notebooks", ".github"]
sys.path[:0] = [str(HERE), str(ROOT / ".binder")]

import live  # noqa: E402
import pages  # noqa: E402
from links import address_of, git  # noqa: E402


def copy_course(to):
    """Copy what a reader gets, as it is, and return the notebooks in reading order."""
    for name in COURSE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, to / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        else:
            shutil.copy(source, to / name)
    found = [path.relative_to(to) for path in sorted((to / "notebooks").glob("**/[0-9]*.ipynb"))]
    return sorted(found, key=lambda path: (len(path.parts), path))


def pack(target):
    """Write the whole course as one archive: what git tracks, or else all that is not installed."""
    names = git(ROOT, "ls-files").splitlines()
    installed = {".git", ".venv", "node_modules", "__pycache__"}
    paths = [ROOT / name for name in names] or [
        path for path in ROOT.rglob("*") if not installed & {*path.relative_to(ROOT).parts}
    ]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(paths):
            if path.is_file():
                archive.write(path, f"downhill/{path.relative_to(ROOT).as_posix()}")


def main():
    parser = argparse.ArgumentParser(description="Build the course as a web site.")
    parser.add_argument("out", type=Path, help="an empty folder, or one with an older site")
    parser.add_argument("--address", help="of the repository (else: git's remote `origin`)")
    parser.add_argument("--only", help="numbers of lessons whose live pictures are made: 04,09")
    parser.add_argument("--no-lite", action="store_true", help="leave JupyterLite out")
    options = parser.parse_args()
    out, only = options.out.resolve(), options.only and options.only.split(",")
    if out.exists() and any(out.iterdir()) and not (out / ".downhill").exists():
        sys.exit(f"{options.out} holds other files than a site: give an empty folder")
    address, began = options.address or address_of(ROOT), time.time()

    with TemporaryDirectory() as scratch:
        course, source, extra = (Path(scratch) / name for name in ("course", "source", "extra"))
        for folder in (course, source, extra):
            folder.mkdir()
        notebooks = copy_course(course)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            lite = None
            if not options.no_lite:
                from lite import build_lite  # what it needs may be absent where it is left out

                lite = pool.submit(build_lite, course, extra / "lite", Path(scratch))
            wanted = [path for path in notebooks if live.is_live(course / path)]
            if only:
                wanted = [path for path in wanted if path.name.partition("_")[0] in only]
            done = pool.map(lambda path: live.record(course, path, extra), wanted)
            shown = dict(zip(wanted, done))
            if lite:
                lite.result()
        print(f"{len(wanted)} notebooks with live pictures run: {time.time() - began:.0f} s")
        pages.write(course, notebooks, shown, source, extra, address, lite=not options.no_lite)
        pack(extra / "downhill.zip")
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        (out / ".downhill").touch()  # a site, or what is left of one: it may be replaced
        command = [sys.executable, "-m", "sphinx", "-b", "html", "-W", "--keep-going", "-q"]
        command += ["-j", "auto", "-c", str(HERE), "-d", str(Path(scratch) / "doctrees")]
        environment = {**os.environ, "SITE_EXTRA": str(extra), "SITE_ADDRESS": address}
        subprocess.run([*command, str(source), str(out)], check=True, env=environment)
    (out / ".nojekyll").touch()  # GitHub's Pages would leave out what begins with an underscore
    print(f"The site is in {out}: {time.time() - began:.0f} s")


if __name__ == "__main__":
    main()
