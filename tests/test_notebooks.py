"""What every notebook must be like. That its outputs are right is for nbval to say."""

import ast
import getpass
import io
import json
import re
import subprocess
import sys
from base64 import b64decode
from collections import Counter
from functools import cache
from importlib.util import find_spec
from itertools import groupby
from urllib.parse import unquote

import nbformat
import pytest
from course_files import DEEPER, LESSONS, MACHINE_PATH, NOTEBOOKS, ROOT, each_notebook
from PIL import Image

RULES = {  # the chapters that introduce a rule
    "01": "SGD",
    "04": "Momentum",
    "05": "Nesterov",
    "06": "AdaGrad",
    "07": "RMSProp",
    "08": "Adadelta",
    "09": "Adam",
    "10": "AdamW",
}
EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u26ff\u2705\u2728\u274c\u2b50\ufe0f]")


@cache
def read(path):
    return nbformat.read(path, as_version=4)


def code(path):
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def markdown(path):
    return [cell for cell in read(path).cells if cell.cell_type == "markdown"]


def outputs(path):
    return [output for cell in code(path) for output in cell.outputs]


def without_code(text):
    """Markdown without its blocks of code and its `code`."""
    text = re.sub(r"^ *```.*?^ *```", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`\n]*`", "", text)


def split_maths(text):
    """Return (prose, [formulas]) of Markdown without code; ValueError where a $ has no partner."""
    pieces = text.replace(r"\$", "").split("$$")
    prose, formulas = "", pieces[1::2]
    for piece in pieces[::2]:
        parts = piece.split("$")
        prose += " ".join(parts[::2]) + "\n"
        formulas += parts[1::2]
        if len(parts) % 2 == 0:
            raise ValueError(f"a $ without its partner in: {piece.strip()}")
    if len(pieces) % 2 == 0:
        raise ValueError(f"a $$ without its partner in: {text.strip()}")
    return prose, formulas


@each_notebook
def test_valid_and_complete_file(path):
    notebook = read(path)
    nbformat.validate(notebook)
    stored = json.loads(path.read_text(encoding="utf-8"))  # nbformat.read mends what it can
    assert (stored["nbformat"], stored["nbformat_minor"]) >= (4, 5)
    ids = [cell.get("id") for cell in stored["cells"]]
    assert all(ids) and len(set(ids)) == len(ids), "each cell needs an id of its own"
    assert notebook.metadata.kernelspec.name == "python3"
    assert "widgets" not in notebook.metadata, "GitHub does not show notebooks with widget state"


@each_notebook
def test_ran_in_order_without_complaint(path):
    counts = [cell.execution_count for cell in code(path)]
    assert counts == list(range(1, len(counts) + 1)), "Restart Kernel and Run All, then save"
    for output in outputs(path):
        assert output.output_type != "error", output
        assert output.get("name") != "stderr", output.text
    for cell in read(path).cells:  # these would make nbval look away
        assert not any(tag.startswith("nbval") for tag in cell.metadata.get("tags", []))
        assert not re.search(r"(?i)#\s*(nbval_|pytest)", cell.source)


@each_notebook
def test_outputs_are_stored(path):
    assert outputs(path), "this notebook has lost its outputs"
    for cell in code(path):
        kinds = {kind for output in cell.outputs for kind in output.get("data", {"text": 0})}
        doing = [n for n in ast.parse(cell.source).body if isinstance(n, (ast.Expr, ast.For))]
        calls = {ast.unparse(n.func) for d in doing for n in ast.walk(d) if isinstance(n, ast.Call)}
        assert "text" in kinds or "print" not in calls, f"no text stored below:\n{cell.source}"
        assert "image/png" in kinds or "plt.show" not in calls, f"no picture:\n{cell.source}"


@each_notebook
def test_nothing_private(path):
    """No path of the machine on which it was last run, and not the name of its user."""
    text = re.sub(r'"image/[a-z+]+": ?"[^"]*"', "", json.dumps(read(path), ensure_ascii=False))
    user = rf"[/\\]{re.escape(getpass.getuser())}[/\\]"
    for pattern in (MACHINE_PATH, re.compile(user), re.compile(re.escape(str(ROOT)))):
        found = pattern.search(text)
        assert not found, text[max(0, found.start() - 60) : found.end() + 60]
    # An absolute path of any kind in what was printed: a warning's file name, a repr.
    for output in outputs(path):
        shown = output.get("text", "") + output.get("data", {}).get("text/plain", "")
        assert not re.search(r"(?:^|[\s'\"(=])(?:/[\w.-]+){2,}", shown), shown


@each_notebook
def test_sizes(path):
    cells = read(path).cells
    assert path.stat().st_size < 1.5e6
    for cell in code(path):
        assert cell.source.count("\n") < 25, f"more than 25 lines:\n{cell.source}"
    for kind, run in groupby(cells, key=lambda cell: cell.cell_type):
        run = list(run)
        assert kind != "code" or len(run) <= 3, f"say something before:\n{run[3].source}"


@each_notebook
def test_pictures_are_described(path):
    cells = read(path).cells
    for cell, following in zip(cells, [*cells[1:], None]):
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if not any(kind.startswith("image/") for kind in data):
                continue
            said = data.get("text/plain", "")
            assert len(said) >= 20 and not said.startswith("<"), f"{said!r} describes no picture"
            assert following and following.cell_type == "markdown", (
                f"no text says what this picture shows: {said}"
            )
            with Image.open(io.BytesIO(b64decode(data["image/png"]))) as image:
                image.load()
                assert min(image.size) >= 100
                assert len(image.convert("RGB").getcolors(2**24)) > 2, f"an empty picture: {said}"


@each_notebook
def test_set_up(path):
    cells = read(path).cells
    first = next(i for i, cell in enumerate(cells) if cell.cell_type == "code")
    before = "\n".join(cell.source for cell in cells[:first])
    assert re.search(r"whole\s+course", before), (
        "say what to do if the import fails: get the whole course, not this file alone"
    )
    imported = set()
    for node in ast.walk(ast.parse(cells[first].source)):
        if isinstance(node, ast.Import):
            imported |= {name.name.split(".")[0] for name in node.names}
    assert {"numpy", "matplotlib"} <= imported  # JupyterLite installs what it reads here
    found = 'sys.path[:0] = ["..", "../.."]' if path in DEEPER else 'sys.path.insert(0, "..")'
    assert found in cells[first].source


@each_notebook
def test_plain_python(path):
    for cell in code(path):
        ast.parse(cell.source)  # no %magic, no !command
        for node in ast.walk(ast.parse(cell.source)):
            star = isinstance(node, ast.ImportFrom) and node.names[0].name == "*"
            assert not star, f"name what you import:\n{cell.source}"


@each_notebook
def test_format(path):
    if not find_spec("ruff"):
        pytest.skip("ruff is not installed")
    command = [sys.executable, "-m", "ruff", "format", "--diff", "--quiet", str(path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert run.returncode == 0, run.stdout + run.stderr


@each_notebook
def test_colours_have_names(path):
    for cell in code(path):
        numbers = re.findall(r"[\"']#[0-9a-fA-F]{3,8}[\"']", cell.source)
        assert not numbers, f"{numbers}: take a name of COLOURS in lab/pictures.py, or rule="


@each_notebook
def test_prints_no_numpy_scalars(path):
    for output in outputs(path):
        shown = output.get("text", "") + output.get("data", {}).get("text/plain", "")
        assert not re.search(r"\bnp\.\w+\(", shown), f"its form depends on NumPy: {shown}"


@each_notebook
def test_mathematics(path):
    r"""GitHub, nbviewer and Jupyter all show $…$ and $$…$$, and no other form."""
    for cell in markdown(path):
        text = without_code(cell.source)
        prose, formulas = split_maths(text)
        assert not re.search(r"\\[a-zA-Z(\[]", prose), f"a formula outside $…$ in: {prose}"
        for formula in formulas:
            bare = re.sub(r"\\[{}]", "", formula)
            assert formula.strip() and "\n\n" not in formula, cell.source
            assert bare.count("{") == bare.count("}"), f"braces do not match in {formula}"
        for inline in split_maths(re.sub(r"\$\$.*?\$\$", "", text, flags=re.DOTALL))[1]:
            assert inline == inline.strip(), f"GitHub shows no formula with a space: ${inline}$"
        for row in re.findall(r"^\|.*$", text, flags=re.MULTILINE):
            for formula in split_maths(row)[1]:
                assert "|" not in formula, rf"a table is cut at |: write \lvert in ${formula}$"


@each_notebook
def test_prose(path):
    headings = []
    for number, cell in enumerate(read(path).cells):
        assert not EMOJI.search(cell.source), cell.source
        if cell.cell_type == "markdown":
            text = without_code(cell.source)
            headings += [number for line in text.splitlines() if line.startswith("# ")]
            prose = re.sub(r"!\[|<!--.*?-->|\]\([^)]*\)", "", split_maths(text)[0])
            shouted = [line for line in prose.splitlines() if re.search(r"[^\W\d]!(?!=)", line)]
            assert not shouted, f"an exclamation mark: {shouted}"
    assert headings == [0], "one title, in the first cell"


@each_notebook
def test_links(path):
    sources = [cell.source for cell in markdown(path)]
    titles = re.findall(r"^#+ (.*)$", "\n".join(sources), flags=re.MULTILINE)
    anchors = {title.strip().replace(" ", "-") for title in titles}
    for source in sources:
        text = without_code(source)
        assert "![](" not in text, "a picture without a description"
        links = re.findall(r"\]\(([^)\s]+)[^)]*\)", text)
        links += re.findall(r"""(?:src|href)=["']([^"']+)""", text)
        for link in links:
            target, _, anchor = unquote(link).partition("#")
            if re.match(r"(https?|mailto):", link):
                continue
            assert target or anchor in anchors, f"no heading for {link}"
            assert (path.parent / target).exists(), f"{link} leads nowhere"


@each_notebook
def test_what_a_live_picture_copies_finds_its_rules(path):
    """Copied code names a rule as `Momentum(…)`, so a notebook has to know it without its module.

    A rule of `optimizers` it may come to know later, when its reader has built it.
    """
    for cell in code(path):
        for call in ast.walk(ast.parse(cell.source)):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "").endswith("stage"):
                rules = [rule.func for rule in call.args if isinstance(rule, ast.Call)]
                dotted = {ast.unparse(rule) for rule in rules if isinstance(rule, ast.Attribute)}
                late = {rule for rule in dotted if rule.startswith("optimizers.")}
                assert dotted == late, f"import by name: {dotted}"


@each_notebook
def test_rules_equal_the_module(path):
    """A class written in its chapter is the class of optimizers.py, to the last word."""
    module = ast.parse((ROOT / "optimizers.py").read_text(encoding="utf-8"))
    known = {node.name: node for node in module.body if isinstance(node, ast.ClassDef)}
    written = set()
    for cell in code(path):
        if "optimizer" in cell.metadata.get("tags", []):
            found = [n for n in ast.parse(cell.source).body if isinstance(n, ast.ClassDef)]
            assert found, f"tagged optimizer, but no class:\n{cell.source}"
            for node in found:
                assert node.name in known, f"{node.name} is not in optimizers.py"
                assert ast.dump(node) == ast.dump(known[node.name]), (
                    f"{node.name} differs from optimizers.py"
                )
                written.add(node.name)
    expected = None if path in DEEPER else RULES.get(path.stem.split("_")[0])
    assert expected is None or expected in written, f"no cell tagged optimizer with {expected}"


def test_the_rules_of_the_module_stand_in_the_order_of_the_lessons():
    module = ast.parse((ROOT / "optimizers.py").read_text(encoding="utf-8"))
    cells = [c for path in LESSONS for c in code(path) if "optimizer" in c.metadata.get("tags", [])]
    taught = [node.name for cell in cells for node in ast.parse(cell.source).body]
    order = [node.name for node in module.body if getattr(node, "name", None) in taught]
    assert len(taught) > 8 and taught == order


def test_no_helper_is_written_twice():
    names = Counter(
        node.name
        for path in NOTEBOOKS
        for cell in code(path)
        for node in ast.parse(cell.source).body
        if isinstance(node, ast.FunctionDef)
    )
    twice = [name for name, times in names.items() if times > 1]
    assert not twice, f"move to lab/, or rename: {twice}"
