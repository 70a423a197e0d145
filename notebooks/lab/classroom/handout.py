"""The class copy: a folder to hand out, with everything that is needed to run, and no answers.

    copy(OUT, ["01", "04"], solutions="none")

Outputs are cleared. What compares a guess with the measurement is folded, for the text goes on from
it. Solutions, and the answers to questions about live pictures, are folded or left out.
"""

import os
import re
import shutil
from pathlib import Path, PurePosixPath

from ..exercises.check import find
from .course import NOTEBOOKS, ROOT, items, pages, read, tags, write

ANSWERS = re.compile(
    r"<details>\s*<summary>(?:Solution|Answers)</summary>.*?</details>\s*", re.DOTALL
)
GOES_ON = ("$$", "In words", "|")  # how the second paragraph of a comparing text begins
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s#]+\.ipynb)(#[^)]*)?\)")
SEED = """Some exercises have numbers of your own. Put the number that you were given in the place \
of the dots; run the cell of an exercise once, and it says what yours is."""
README = """# {title}

Set up once, in the folder of this file. Python 3.10 to 3.13 is needed:

```bash
python3 -m venv .venv && .venv/bin/pip install -r requirements.txt
```

Begin, then and on every later day, with or without a network:

```bash
.venv/bin/jupyter lab --LabApp.app_settings_dir=.jupyter --LabApp.default_url=/lab/tree/{first}
```

On Windows write `python` for `python3` and `.venv\\Scripts\\` for `.venv/bin/`.

Keep your guesses and answers: save the notebook, and hand in that one file. Do not rename the \
exercises; an answer that is wrong gets a hint, never an error.

{lessons}

From *Downhill*, a course on first-order optimizers. Code: MIT; text and pictures: CC BY 4.0, by \
The Downhill authors; see LICENSE.
"""


def copy(out, numbers=(), solutions="folded", variants=False):
    """Make a class copy in a folder that is new or empty. Returns the number of bytes in it.

    numbers: lessons such as "01" and "10b"; all if none. solutions: "none" or "folded". variants:
    whether each student has a seed. Raises ValueError for a lesson that is not there, and for a
    folder that holds something.
    """
    out = Path(out)
    if out.exists() and any(out.iterdir()):
        raise ValueError(f"{out} is not empty: name a new folder")
    paths = pages(numbers)
    for path in paths:
        notebook = handed_out(path, {other.resolve() for other in paths}, solutions, variants)
        write(notebook, out / path.relative_to(ROOT))
    _equipment(out, paths)
    return sum(path.stat().st_size for path in out.rglob("*") if path.is_file())


def handed_out(path, present, solutions="folded", variants=False):
    """Return one of the course's notebooks as students get it. present: paths in the copy."""
    notebook = read(path)
    new_ids = {item.cell: item for item in items(notebook)}
    cells, compared = [], False
    for cell in notebook["cells"]:
        cell["metadata"].pop("jupyter", None)
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
            compared = "compare(" in cell["source"]
            kept = [tag for tag in tags(cell) if tag != "hide-output"]
            cell["metadata"] = {"tags": kept} if kept else {}
            if cell["id"] in new_ids:
                _renamed(cell, new_ids[cell["id"]], variants)
        else:
            text = without_answers(cell["source"]) if solutions == "none" else cell["source"]
            text = folded(text) if compared else text
            cell["source"] = linked(text, path, present)
            compared = False
        if cell["source"].strip():
            cells.append(cell)
    if variants and any("seed=seed" in cell["source"] for cell in cells):
        after = next(k for k, cell in enumerate(cells) if cell["cell_type"] == "code") + 1
        cells[after:after] = [
            {"cell_type": "markdown", "id": "seed-text", "metadata": {}, "source": SEED},
            _code("seed", "seed = ..."),
        ]
    notebook["cells"] = cells
    return notebook


def without_answers(text):
    """A text without its folded solutions and answers."""
    return ANSWERS.sub("", text).rstrip()


def folded(text):
    """A text with its beginning folded, which says what a guess should have been.

    What leads to the next cell, as "Here is the film:" does, stays.
    """
    parts = text.split("\n\n")
    if parts[0].startswith(("#", "*Guess*", "<details", "**")):
        return text
    end = 1
    while end < len(parts) and parts[end].startswith(GOES_ON):
        end += 1
    if end == len(parts) and text.rstrip().endswith(":"):
        return text
    inside = "\n\n".join(parts[:end])
    fold = f"<details><summary>When you have run it</summary>\n\n{inside}\n</details>"
    return "\n\n".join([fold, *parts[end:]])


def linked(text, path, present):
    """A text whose links to lessons that are not in the copy are plain words."""

    def kept(found):
        target = Path(os.path.normpath(path.parent / PurePosixPath(found[2])))
        return found[0] if target in present else found[1]

    return LINK.sub(kept, text)


def _renamed(cell, item, variants):
    """Give the cell of an item the id that marking systems take, and its check a seed."""
    cell["id"] = item.handed_out
    if variants and item.verb == "check" and find(item.number)[1].vary:
        cell["source"] = cell["source"].replace(
            f'check("{item.number}", answer)', f'check("{item.number}", answer, seed=seed)'
        )


def _code(name, source):
    return {
        "cell_type": "code",
        "id": name,
        "metadata": {},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def _equipment(out, paths):
    """Copy what the notebooks need beside them."""
    shutil.copytree(
        NOTEBOOKS / "lab",
        out / "notebooks" / "lab",
        ignore=shutil.ignore_patterns("__pycache__", "classroom"),
    )
    for name in ("optimizers.py", "requirements.txt", "LICENSE", ".jupyter/overrides.json"):
        (out / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, out / name)
    text = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    for name in sorted(set(re.findall(r"\.\./img/([\w.]+)", text))):
        (out / "img").mkdir(exist_ok=True)
        shutil.copy(ROOT / "img" / name, out / "img" / name)
    titles = []
    for path in paths:
        name = re.match(r"# (.*)", read(path)["cells"][0]["source"])[1]
        titles.append(f"- [{name}]({path.relative_to(ROOT).as_posix()})")
    readme = README.format(
        title="Downhill, class copy",
        first=paths[0].relative_to(ROOT).as_posix(),
        lessons="\n".join(titles),
    )
    (out / "README.md").write_text(readme, encoding="utf-8")
