"""Print the links that open this course in a browser, for the address of this checkout.

    python .binder/links.py            # from `git remote get-url origin`
    python .binder/links.py ADDRESS    # from an address, such as https://github.com/OWNER/REPO
    python .binder/links.py --write    # the same, and puts the Binder button into README.md

The button stands between two markers in README.md, the only place that holds the address.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]
FIRST = "notebooks/00_start_here.ipynb"
BEGIN, END = "<!-- binder button -->", "<!-- end of binder button -->"
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


def button(link):
    return f"[![Open in Binder](https://mybinder.org/badge_logo.svg)]({link})"


def write(readme, link):
    """Replace what stands between the markers of this README; ValueError if they are not there."""
    text = readme.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise ValueError(f"{readme.name} needs one line {BEGIN} and below it one line {END}")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    new = f"{before}{BEGIN}\n{button(link)}\n{END}{after}"
    readme.write_text(new, encoding="utf-8", newline="\n")


def git(folder, *arguments):
    """Return what git prints, or "" where it fails or is not installed."""
    try:
        run = subprocess.run(["git", "-C", folder, *arguments], capture_output=True, text=True)
    except FileNotFoundError:
        return ""
    return run.stdout.strip() if run.returncode == 0 else ""


def address_of(root):
    """Return the public address of a checkout, as its remote `origin` names it; "" if none does."""
    address = git(root, "remote", "get-url", "origin")
    match = ADDRESS.fullmatch(address)
    return f"https://{match['host']}/{match['path'].removesuffix('.git')}" if match else ""


def main(arguments=None, root=ROOT):
    parser = argparse.ArgumentParser(description="Links that open this course in a browser.")
    parser.add_argument("address", nargs="?", help="repository (else: git's remote `origin`)")
    parser.add_argument("--write", action="store_true", help="put the Binder button into README.md")
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
            write(root / "README.md", ready["Binder"])
    except ValueError as problem:
        return str(problem)
    for name, link in ready.items():
        print(f"{name:9} {link}")
    if options.write:
        print("README.md now holds the Binder button.")


if __name__ == "__main__":
    sys.exit(main())
