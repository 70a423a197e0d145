"""What Sphinx is given: the course's notebooks and texts, with doors, pictures and a contents.

Notebooks keep their cells. A picture becomes a file with the alternative text that is stored beside
it, a live picture a place for static/site.js to fill, which shows the still until then.
"""

import html
import re
import shutil
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

import nbformat
from links import BEGIN, END, links

ABOUT = {
    "notebooks/for_teachers.md": "For teachers",
    "CONTRIBUTING.md": "Contributing",
    ".github/CHANGELOG.md": "What has changed",
    ".github/CODE_OF_CONDUCT.md": "Code of conduct",
}


def write(course, notebooks, shown, source, extra, address, lite):
    """Fill `source` with pages and `extra` with what is copied as it is."""
    titles = {}
    for path in notebooks:
        notebook = nbformat.read(course / path, as_version=4)
        top = "../" * (len(path.parts) - 1)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                place = (shown.get(path) or {}).get(cell.id)
                cell.outputs = [output_of(o, top, extra, place) for o in cell.outputs]
            cell.source = ANCHOR.sub(as_on_github, cell.source)
            cell.source = cell.source.replace("](../README.md", "](../index.md")
        first = notebook.cells[0]
        titles[path] = first.source.partition("\n")[0].lstrip("# ")
        first.source = with_doors(first.source, doors(path, top, address, lite))
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, source / path)
        (extra / path).parent.mkdir(parents=True, exist_ok=True)
        (extra / path).write_bytes((course / path).read_bytes())
    for name in ("img", "notebooks/lab"):
        shutil.copytree(course / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("optimizers.py", "LICENSE", "requirements.txt", "CITATION.cff"):
        shutil.copy(course / name, source)
    shutil.copy(course / "notebooks" / "LICENSE.txt", source / "notebooks")
    for name in ABOUT:
        text = (course / name).read_text(encoding="utf-8")
        text = text.replace("](.github/", "](").replace("](../README.md", "](../index.md")
        (source / place_of(name)).write_text(text, encoding="utf-8")
    front = (course / "README.md").read_text(encoding="utf-8")
    line = doors(notebooks[0], "", address, lite)
    before, after = front.split(BEGIN)[0], front.split(END)[1]
    front = f"{before}{line}{after}{contents(notebooks, titles)}"
    (source / "index.md").write_text(front, encoding="utf-8")


ANCHOR = re.compile(r"(?<=\]\()([^)\s#]*#)([^)\s]+)(?=\))")  # of a link, in two parts


def as_on_github(link):
    """Return a link to a heading as GitHub makes it; notebooks have it as Jupyter does."""
    return link[1] + re.sub(r"[^\w-]", "", link[2].lower())


def place_of(name):
    """Return where a text of ABOUT stands on the site; Sphinx looks into no dotfolder."""
    return Path(name.removeprefix(".github/"))


def contents(notebooks, titles):
    """Return the table of contents that the sidebar shows."""
    deeper = [path for path in notebooks if path.parent.name == "deeper"]
    lessons = [path for path in notebooks if path not in deeper]
    short = {path: titles[path].removeprefix("Deeper: ") for path in notebooks}
    parts = [("Lessons", [f"{short[p]} <{p.with_suffix('').as_posix()}>" for p in lessons])]
    parts += [("Deeper pages", [f"{short[p]} <{p.with_suffix('').as_posix()}>" for p in deeper])]
    about = [f"{t} <{place_of(name).with_suffix('').as_posix()}>" for name, t in ABOUT.items()]
    parts += [("About", about)]
    return "".join(
        f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n" + "\n".join(lines) + "\n```\n"
        for caption, lines in parts
    )


def doors(path, top, address, lite):
    """Return one line that leads to where this notebook can be run."""
    ready = links(address, path.as_posix()) if address else {}
    found = [(name, ready[name], True) for name in ("Binder", "Colab") if name in ready]
    if lite:
        found.insert(0, ("JupyterLite", f"{top}lite/lab/index.html?path={path.as_posix()}", True))
    here = ", in your browser" if lite else ""
    files = [("this notebook", f"{top}{path.as_posix()}", False)]
    files += [("the whole course", f"{top}downhill.zip", False)]
    run = ", ".join(anchor(*door) for door in found)
    load = ", ".join(anchor(*file) for file in files)
    run = f"Run and change it{here}: {run}. " if found else ""
    return f'<p class="doors">{run}Download {load}.</p>'


def anchor(text, link, leaves):
    return f'<a href="{html.escape(link)}"{"" if leaves else " download"}>{html.escape(text)}</a>'


def with_doors(text, line):
    """Put the doors below the title."""
    title, _, rest = text.partition("\n")
    return f"{title}\n\n{line}\n{rest}"


def output_of(output, top, extra, place):
    """Return an output as it is shown on a page."""
    data = output.get("data", {})
    if "image/png" not in data:
        return output
    told = output.metadata.get("image/png", {})
    alt = told.get("alt") or "".join(data["text/plain"])
    image = picture(b64decode(data["image/png"]), alt, told.get("width"), top, extra)
    if place:
        image = f'<div class="live-picture" data-picture="{place}" data-top="{top}">{image}</div>'
    return nbformat.v4.new_output("display_data", {"text/html": image})


def picture(png, alt, width, top, extra):
    """Return an <img>, whose file is named by what it holds."""
    name = f"{sha256(png).hexdigest()[:16]}.png"
    (extra / "pictures").mkdir(exist_ok=True)
    (extra / "pictures" / name).write_bytes(png)
    wide, high = (int.from_bytes(png[k : k + 4], "big") for k in (16, 20))
    width = width or wide // 2  # drawn with two pixels for one
    height = round(width * high / wide)
    kind = "picture film" if b"acTL" in png[:200] else "picture"
    alt = html.escape(re.sub(r"\s+", " ", alt))
    return (
        f'<img class="{kind}" src="{top}pictures/{name}" alt="{alt}" loading="lazy" '
        f'width="{width}" height="{height}">'
    )
