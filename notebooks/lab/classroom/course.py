"""The course's own files as the teacher's tools see them: lessons, their cells, their exercises."""

import ast
import json
import re
from dataclasses import dataclass
from pathlib import Path

NOTEBOOKS = Path(__file__).resolve().parents[2]
ROOT = NOTEBOOKS.parent
FILM = re.compile(r'<img src="(.*?)" width="\d+" alt="(.*?)">')  # of a lesson's first cell
ITEM = re.compile(r"""(check|build)\(\s*["'](.*?)["']""")


@dataclass(frozen=True)
class Item:
    """One thing to be marked: an exercise such as "01.1", or a rule to build such as "SGD"."""

    verb: str  # check or build
    number: str
    cell: str  # the id of its cell in the course

    @property
    def name(self):
        return self.number if self.verb == "check" else f"build {self.number}"

    @property
    def handed_out(self):
        """The id of its cell in a class copy: letters, digits and hyphens, as nbgrader wants it."""
        kind = "ex" if self.verb == "check" else "build"
        return f"{kind}-" + re.sub(r"\W+", "-", self.number)


def read(path):
    """Return a notebook as a dictionary, the source of each cell as one text.

    Raises ValueError for what is no notebook.
    """
    try:
        notebook = json.loads(Path(path).read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            cell["source"] = "".join(cell["source"])
            cell["metadata"] = dict(cell.get("metadata", {}))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{Path(path).name} is no notebook") from error
    return notebook


def write(notebook, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(notebook, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def pages(numbers=()):
    """Return the paths of lessons by number such as "01" or "10b", each with its deeper pages.

    All of them if none is asked for. Raises ValueError for a number that no lesson has.
    """
    lessons = sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))
    by_number = {path.stem.split("_")[0]: path for path in lessons}
    unknown = [number for number in numbers if number not in by_number]
    if unknown:
        raise ValueError(f"there is no lesson {unknown[0]}; there are {', '.join(by_number)}")
    found = []
    for number in numbers or by_number:
        deeper = sorted((NOTEBOOKS / "deeper").glob(f"{number}_*.ipynb"))
        found += [by_number[number], *deeper]
    return found


def tags(cell):
    return cell["metadata"].get("tags", [])


def items(notebook):
    """Return the Items of one of the course's notebooks, in their order."""
    found = []
    for cell in notebook["cells"]:
        if {"exercise", "build"} & set(tags(cell)):
            verb, number = ITEM.search(cell["source"]).groups()
            found.append(Item(verb, number, cell["id"]))
    return found


def parsed(source):
    """Return the syntax tree of a cell; lines for Jupyter itself (%magic, !command) do nothing.

    Raises SyntaxError.
    """
    plain = re.sub(r"^([ \t]*)[%!?].*$", r"\1pass", source, flags=re.MULTILINE)
    return ast.parse(plain)
