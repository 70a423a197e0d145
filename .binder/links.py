"""Print the links that open this course in a browser, for the address of this checkout.

    python .binder/links.py            # from `git remote get-url origin`
    python .binder/links.py ADDRESS    # from an address, such as https://github.com/OWNER/REPO
    python .binder/links.py --write    # the same, and writes the address where readers need it

Written are the doors in README.md, between two markers, and for Colab, which opens a notebook
alone, the lines in each set-up cell that fetch the rest of the course (see colab.py).
"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]
FIRST = "notebooks/00_start_here.ipynb"
BEGIN, END = "<!-- doors -->", "<!-- end of the doors -->"
FETCH = """\
if "google.colab" in sys.modules:  # opened there alone: fetch the rest of the course
    from urllib.request import urlopen
    home = "{address}"
    exec(urlopen(f"{{home}}/raw/HEAD/.binder/colab.py").read())
"""
FETCHED = re.compile(r"^if \"google\.colab\" in .*?\.read\(\)\)\n", re.MULTILINE | re.DOTALL)
PATH_LINE = re.compile(r"^sys\.path.*\n", re.MULTILINE)  # the fetching stands below it
ADDRESS = re.compile(
    r"(?:(?:https?|ssh|git)://)?(?:[^@/\s]+@)?"  # scheme and user, as in ssh://git@ or git@
    r"(?P<host>github\.com|gitlab\.com)(?::\d+(?=/))?[:/]/*"  # `host/path`, or ssh's `host:path`
    r"(?P<path>[\w.~-]+(?:/[\w.~-]+)+)/*"
)


def links(address, notebook=FIRST):
    """Return {service: link} that opens a notebook of a repository on GitHub or GitLab.

    "Site" is where the workflow pages.yml puts the course. ValueError for any other address.
    """
    match = ADDRESS.fullmatch(address.strip())
    path = match["path"].removesuffix(".git") if match else ""
    github = match and match["host"] == "github.com"
    if not match or "/-/" in path or (github and path.count("/") > 1):
        raise ValueError(
            f"No links for {address!r}: give a repository on GitHub or GitLab, "
            "such as https://github.com/OWNER/REPO"
        )
    owner, _, name = path.partition("/")
    host = match["host"].replace(".com", ".io")
    home = f"{owner}.{host}"
    site = f"https://{home}/" + ("" if name == home else f"{name}/")
    # HEAD is the default branch, whatever its name.
    start = f"HEAD?urlpath={quote('lab/tree/' + notebook, safe='')}"
    if github:
        return {
            "Site": site,
            "Binder": f"https://mybinder.org/v2/gh/{path}/{start}",
            "nbviewer": f"https://nbviewer.org/github/{path}/blob/HEAD/{notebook}",
            "Colab": f"https://colab.research.google.com/github/{path}/blob/HEAD/{notebook}",
        }
    return {  # Colab opens notebooks from GitHub only
        "Site": site,
        "Binder": f"https://mybinder.org/v2/gl/{quote(path, safe='')}/{start}",
        "nbviewer": f"https://nbviewer.org/urls/gitlab.com/{path}/-/raw/HEAD/{notebook}",
    }


def doors(ready):
    """Return the line of README.md that leads in without an installation."""
    words = {
        "Site": "[read and play]({}) on a page where the live maps move",
        "JupyterLite": "[JupyterLite]({}), the whole course in your browser",
        "Binder": "[Binder]({}), a small machine that is lent to you",
        "Colab": "[Colab]({})",
    }
    ready = {**ready, "JupyterLite": f"{ready['Site']}lite/lab/index.html?path={FIRST}"}
    known = [text.format(ready[name]) for name, text in words.items() if name in ready]
    return f"Without an installation: {'; '.join(known)}."


def write(readme, line):
    """Replace what stands between the markers of this README; ValueError if they are not there."""
    text = readme.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise ValueError(f"{readme.name} needs one line {BEGIN} and below it one line {END}")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    readme.write_text(f"{before}{BEGIN}\n{line}\n{END}{after}", encoding="utf-8", newline="\n")


def write_fetching(path, address):
    """Let the set-up cell of a notebook fetch the course where Colab has opened it alone."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cell = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    source = FETCHED.sub("", "".join(cell["source"]))
    line = PATH_LINE.search(source)
    if not line:
        raise ValueError(f"{path.name}: the set-up cell has no line that begins with sys.path")
    source = source[: line.end()] + FETCH.format(address=address) + source[line.end() :]
    cell["source"] = source.splitlines(keepends=True)
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True)  # as nbformat writes
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def git(folder, *arguments):
    """Return what git prints, or "" where it fails or is not installed."""
    try:
        run = subprocess.run(["git", "-C", folder, *arguments], capture_output=True, text=True)
    except FileNotFoundError:
        return ""
    return run.stdout.strip() if run.returncode == 0 else ""


def plain(address):
    """Return an address as a browser takes it; "" if it is none of a repository known here."""
    match = ADDRESS.fullmatch(address.strip())
    return f"https://{match['host']}/{match['path'].removesuffix('.git')}" if match else ""


def address_of(root):
    """Return the public address of a checkout, as its remote `origin` names it; "" if none does."""
    return plain(git(root, "remote", "get-url", "origin"))


def main(arguments=None, root=ROOT):
    parser = argparse.ArgumentParser(description="Links that open this course in a browser.")
    parser.add_argument("address", nargs="?", help="repository (else: git's remote `origin`)")
    parser.add_argument("--write", action="store_true", help="write it where it is needed")
    options = parser.parse_args(arguments)
    address = options.address or git(root, "remote", "get-url", "origin")
    if not address:
        return (
            "This checkout has no remote named origin: run "
            "`git remote add origin https://github.com/OWNER/REPO`, or give the address here."
        )
    try:
        ready = links(address)
        if options.write:
            write(root / "README.md", doors(ready))
            for path in sorted((root / "notebooks").glob("**/[0-9]*.ipynb")):
                if "Colab" in ready:
                    write_fetching(path, plain(address))
    except ValueError as problem:
        return str(problem)
    for name, link in ready.items():
        print(f"{name:9} {link}")
    if options.write:
        print("README.md now holds the doors, and each notebook what Colab needs.")


if __name__ == "__main__":
    sys.exit(main())
