"""What a lesson is: short, begun with a film and a picture to play with, done by its reader.

The limits are those of a sitting of 90 minutes. Deeper pages share the limits on cells, no others.
"""

import ast
import importlib.util
import io
import re
from base64 import b64decode
from statistics import median

import nbformat
import numpy as np
import pytest
from course_files import DEEPER, LESSONS, ROOT, each_notebook
from lessons import LIVE, SOLUTION, count, lines, prose, stated
from PIL import Image

REFERENCE = {"15"}  # excepted from the words
BUILDS = "01 03 04 05 06 07 08 09 10 10b 11".split()  # lessons with a rule or a schedule to write


def number(path):
    return path.stem.split("_")[0]


each_lesson = pytest.mark.parametrize(
    "path", [path for path in LESSONS if number(path) not in REFERENCE], ids=lambda path: path.stem
)
each_deeper = pytest.mark.parametrize("path", DEEPER, ids=lambda path: path.stem)


def cells_of(path):
    return nbformat.read(path, as_version=4).cells


def code_of(path):
    return [cell for cell in cells_of(path) if cell.cell_type == "code"]


def tags(cell):
    return cell.metadata.get("tags", [])


@each_lesson
def test_a_lesson_is_short(path):
    counts = count(path)
    assert counts.words <= 2300
    assert counts.formulas <= 10
    assert counts.lines <= 120
    assert 1 <= counts.guesses <= 6


@each_notebook
def test_cells_are_short(path):
    sizes = [lines(cell) for cell in code_of(path) if "optimizer" not in tags(cell)]
    assert median(sizes) <= 6
    assert np.quantile(sizes, 0.9) <= 12
    assert max(map(lines, code_of(path))) <= 18


@each_lesson
def test_the_minutes_are_true(path):
    """As counted, to the next five minutes or so; and one sitting."""
    said = stated(path)
    assert said <= 90 and said % 5 == 0
    assert abs(said - count(path).minutes) <= 5, f"counted: {count(path).minutes:.0f}"
    row = next(
        line
        for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
        if f"](notebooks/{path.name})" in line and line.startswith("| ")
    )
    assert f"| {said} |" in row, "README's table has other minutes"


@each_lesson
def test_it_begins_with_a_film(path):
    """A picture that moves, from img/, described; the same that the lesson's own cell makes."""
    target, width, alt = re.search(
        r'^<img src="(.*?)" width="(\d+)" alt="(.*?)">$', cells_of(path)[0].source, re.MULTILINE
    ).groups()
    assert target == f"../img/{path.stem}.png" and len(alt) >= 40
    file = ROOT / "img" / f"{path.stem}.png"
    with Image.open(file) as image:
        assert image.n_frames > 5
        height = int(width) / image.width * image.height
    assert int(width) <= 620 and height <= 500, "the promise stands on the first screen as well"
    film = [cell for cell in code_of(path) if "film" in tags(cell)]
    assert len(film) == 1, "one cell tagged film makes it"
    stored = b64decode(film[0].outputs[-1].data["image/png"])
    with Image.open(io.BytesIO(stored)) as image:
        assert image.n_frames > 5
    assert stored == file.read_bytes(), "run .ci/refresh.py"


@each_lesson
def test_one_plays_first(path):
    first = next(
        i for i, c in enumerate(cells_of(path)) if c.cell_type == "code" and LIVE.search(c.source)
    )
    assert first < 10


@each_lesson
def test_answers_are_folded(path):
    """A live picture's questions stand before it, and their answers are folded after it."""
    cells = cells_of(path)
    for i, cell in enumerate(cells):
        if cell.cell_type == "code" and LIVE.search(cell.source):
            before, after = cells[i - 1].source, cells[i + 1].source
            assert re.search(r"^1\. .*\?|^1\. ", before, flags=re.MULTILINE), cell.source
            assert "<details><summary>Answers</summary>" in after, cell.source


@each_lesson
def test_guesses(path):
    """Each has a number of this lesson, is open, compared later, and its answer is hidden."""
    given, compared = [], []
    for cell in code_of(path):
        calls = re.findall(r"^(guess|compare)\(\s*\"([^\"]+)\"", cell.source, re.MULTILINE)
        for call, key in calls:
            assert key == f"{number(path)}.{len(given) + (call == 'guess')}", key
            (given if call == "guess" else compared).append(key)
        if any(call == "guess" for call, _ in calls):
            assert lines(cell) == 1 and "..." in cell.source
        hidden = cell.metadata.get("jupyter", {}).get("outputs_hidden", False)
        asked = set(given) - set(compared) or any(call == "compare" for call, _ in calls)
        assert hidden == bool(asked and not any(call == "guess" for call, _ in calls)), cell.source
        assert hidden == ("hide-output" in tags(cell))
    assert given == compared
    assert any(re.search(r"^guesses\(\)", cell.source, re.MULTILINE) for cell in code_of(path))
    assert len(re.findall(r"\*Guess\*", prose(cells_of(path)))) == len(given)
    assert "*Predict*" not in prose(cells_of(path)), "take the guess: guess(…)"


@each_lesson
def test_the_reader_builds(path):
    if number(path) not in BUILDS:
        return
    built = [cell for cell in code_of(path) if re.search(r"= build\(\"", cell.source)]
    assert built and all("build" in tags(cell) for cell in built)
    assert all("..." in cell.source for cell in built), "leave the work open"


@each_notebook
def test_no_bare_assert(path):
    for cell in code_of(path):
        found = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Assert)]
        assert not found, f"make it a claim with words, or a test:\n{cell.source}"


@each_lesson
def test_exercises_say_how_long_they_take(path):
    asked = re.findall(r"^\*\*(\w+\.\d+) [^*]*\*\*(.*?)\.", prose(cells_of(path)), re.MULTILINE)
    assert asked
    for name, rest in asked:
        found = re.search(r"\((\d+) min\)", rest)
        assert found and 5 <= int(found[1]) <= 15, f"{name} {rest}"


@each_notebook
def test_what_goes_on_below_a_folded_text_begins_a_cell(path):
    """In the same cell it would look like a part of it; a heading, a rule or references do not."""
    for cell in cells_of(path):
        below = (
            cell.source.rpartition("</details>")[2].strip() if "</details>" in cell.source else ""
        )
        assert not below or below.startswith(("#", "---", "References", "[←")), below[:300]


@each_lesson
def test_it_recommends_its_deeper_pages(path):
    last = cells_of(path)[-1].source
    for page in DEEPER:
        if number(page) == number(path):
            assert f"](deeper/{page.name})" in last


@each_deeper
def test_a_deeper_page_leads_back(path):
    home = next(lesson for lesson in LESSONS if number(lesson) == number(path))
    cells = cells_of(path)
    for cell in (cells[0], cells[-1]):
        assert f"](../{home.name})" in cell.source
    assert not [c for c in cells if re.search(r"^guess\(", c.source, re.MULTILINE)], "for lessons"


def test_refresh_hides_what_answers_a_guess():
    spec = importlib.util.spec_from_file_location("refresh", ROOT / ".ci" / "refresh.py")
    refresh = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(refresh)
    make, cell = nbformat.v4.new_notebook, nbformat.v4.new_code_cell
    sources = ['guess("1.1", ...)', "run = 1", 'compare("1.1", measured=run)', "run"]
    notebook = make(cells=[cell(source) for source in sources])
    refresh.hide_answers(notebook)
    found = [c.metadata.get("jupyter", {}).get("outputs_hidden") for c in notebook.cells]
    assert found == [None, True, True, None]
    refresh.hide_answers(notebook)
    assert notebook.cells[1].metadata["tags"] == ["hide-output"]
    with pytest.raises(ValueError, match=r"never compared: 1\.1"):
        refresh.hide_answers(make(cells=[cell('guess("1.1", ...)')]))


def test_solutions_are_no_reading():
    assert SOLUTION.sub("", "a <details><summary>Solution</summary>\n\nb\n</details> c") == "a  c"
