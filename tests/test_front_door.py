"""What a newcomer meets first: the README and its commands, Binder, the licence, a tidy house."""

import ast
import importlib.util
import inspect
import json
import os
import re
import subprocess
import sys
import zipfile
from importlib import import_module
from shutil import which
from urllib.parse import unquote

import nbformat
import pytest
from course_files import LESSONS, MACHINE_PATH, NOTEBOOKS, ROOT, course_files
from packaging.requirements import Requirement
from packaging.version import Version

import optimizers

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(
    r"^```(?:bash|powershell)\n(.*?)\n```", README, flags=re.DOTALL | re.MULTILINE
)
LAB = sorted((ROOT / "notebooks" / "lab").rglob("*.py"))
KNOW_THE_RULES = {"live", "dialects", "exercises", "classroom"}  # all else works with any optimizer
DRAW = {"pictures", "animation", "scenes"}
# All else that lies in lab/ itself, and two wings, need NumPy alone.
FLOOR = [
    path.stem if path.parent.name == "lab" else f"{path.parent.name}.{path.stem}"
    for path in LAB
    if path.parent.name in ("lab", "dialects", "exercises") and path.stem not in DRAW
]
INSTALLED_AS = {
    "matplotlib": {"matplotlib", "contourpy"},
    "pillow": {"PIL"},
    "jupyterlab": {"IPython", "nbconvert", "nbformat"},
    "ipywidgets": {"ipywidgets", "traitlets"},
}


def requirements(name):
    """Return {package: Requirement} of a requirements file."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    wanted = [Requirement(line.split("#")[0]) for line in lines if line.split("#")[0].strip()]
    assert len({r.name for r in wanted}) == len(wanted), f"{name} names a package twice"
    return {r.name: r for r in wanted}


def imports(path):
    """The modules that a file imports; relative imports stay within lab."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(node.module)
            if node.module == "optimizers":  # a helper of it may be used anywhere, a rule not
                found |= {name.name for name in node.names} & {*optimizers.__all__}
    return found


# The README


def test_commands():
    start, test = COMMANDS[:2]
    assert start.startswith("python3 -m venv .venv && ") and start.endswith(".ipynb")
    assert test.startswith("python3 -m venv .venv && ") and test.endswith(".venv/bin/pytest")
    as_windows = [c.replace("python3", "python").replace("bin/", "Scripts/") for c in COMMANDS[:2]]
    as_written = [c.replace("; ", " && ").replace("\\", "/") for c in COMMANDS[2:]]
    assert as_written == as_windows
    for command in COMMANDS:
        assert README.count(command) == 1
        files = re.findall(r"(?<=/tree/)\S+\.ipynb|\S+\.txt", command)
        assert files and all((ROOT / name.replace("\\", "/")).is_file() for name in files)


def test_settings_for_jupyterlab():
    """Live pictures are there on the second day too, and nobody is asked about news."""
    settings = json.loads((ROOT / ".jupyter" / "overrides.json").read_text(encoding="utf-8"))
    assert settings["@jupyter-widgets/jupyterlab-manager:plugin"] == {"saveState": True}
    assert settings["@jupyterlab/apputils-extension:notification"] == {"fetchNews": "false"}
    for command in (COMMANDS[0], COMMANDS[2]):
        assert " --LabApp.app_settings_dir=.jupyter " in command
    post_build = ROOT / ".binder" / "postBuild"
    assert ".jupyter/overrides.json" in post_build.read_text(encoding="utf-8")
    assert os.name == "nt" or os.access(post_build, os.X_OK)


def test_ci_runs_the_same_command():
    for runner in (".ci/run", ".github/workflows/tests.yml"):
        text = (ROOT / runner).read_text(encoding="utf-8")
        patterns = re.findall(r"'(\^.*?\$)'", text)
        assert patterns
        for pattern in patterns:
            assert len(re.findall(pattern, README, flags=re.MULTILINE)) == 1, (runner, pattern)
    if sys.platform != "win32":
        assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_the_tests_that_take_longest_start_first():
    """Else one of CI's two workers would wait for the other's browser at the end."""
    last_first = [f"tests/test_{name}.py" for name in ("values", "site", "browser")]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--collect-only",
        "-q",
        "-o",
        "addopts=",
        *last_first,
    ]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    files = re.findall(r"^(tests/\w+\.py)::", run.stdout, flags=re.MULTILINE)
    assert list(dict.fromkeys(files)) == last_first[::-1]


def table_of_chapters(text):
    """Return the rows (number, link, what one can do afterwards, minutes) of a table of lessons."""
    row = r"^\| (\d\d[a-z]?) \| (\[.*?\]\(.*?\)) \| (.*?) \| (\d+|–) \|$"
    return re.findall(row, text, flags=re.MULTILINE)


def test_the_two_tables_of_chapters():
    """README's and lesson 00's: every lesson, in order, in the same words; README has all pages."""
    rows = table_of_chapters(README)
    assert [row[0] for row in rows] == [path.stem.split("_")[0] for path in LESSONS]
    linked = re.findall(r"\]\((notebooks/.*?\.ipynb)\)", README)
    assert linked == [path.relative_to(ROOT).as_posix() for path in NOTEBOOKS]
    first = "\n".join(cell["source"] for cell in nbformat.read(NOTEBOOKS[0], 4).cells)
    inside = [
        (n, link.replace("](", "](notebooks/"), *more)
        for n, link, *more in table_of_chapters(first)
    ]
    assert [row for row in inside if row[0] != "00"] == [row for row in rows if row[0] != "00"]


def test_every_notebook_leads_to_the_one_before_and_the_one_after():
    titles = {}
    for path in NOTEBOOKS:
        cells = nbformat.read(path, 4).cells
        titles[path.name] = re.match(r"# ([^:\n]*)", cells[0].source)[1]
    for path, before, after in zip(LESSONS, [None, *LESSONS], [*LESSONS[1:], None]):
        cells = nbformat.read(path, 4).cells
        back = before and f"[← {titles[before.name]}]({before.name})"
        on = after and f"[{titles[after.name]} →]({after.name})"
        for cell in (cells[0], cells[-1]):
            for link in filter(None, (back, on)):
                assert link in cell.source, f"{path.name} lacks {link}"


def test_links_and_prose():
    text = re.sub(r"^```.*?^```", "", README, flags=re.DOTALL | re.MULTILINE)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        assert link.startswith("https://") or (ROOT / unquote(link)).exists(), f"{link} is missing"
    pictures = re.findall(r"!\[(.*?)\]\(img/", text)
    assert pictures and all(len(alt) >= 20 for alt in pictures)
    assert not re.search(r"\w!", text), "an exclamation mark"


def test_each_lesson_shows_its_film():
    """Folded, with the lesson's number and the description of its own first cell."""
    shown = re.findall(r'^(\w+) <img src="(\S+)" width="\d+" alt="(.*)">$', README, re.MULTILINE)
    wanted = []
    for path in LESSONS:
        first = nbformat.read(path, 4).cells[0].source
        for name, alt in re.findall(r'<img src="\.\./(\S+)" width="\d+" alt="(.*)">', first):
            wanted.append((path.stem.partition("_")[0], name, alt))
    assert shown == wanted, "README's folded list has one line for each lesson, with its film"
    assert len(wanted) == len(LESSONS) - 1  # lesson 15 has none
    assert "<summary>One film from each lesson</summary>" in README


def test_licence():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    for words in ("MIT License", "2026 The Downhill authors", "CC BY 4.0"):
        assert words in text
    for source in (text, README):
        assert "https://creativecommons.org/licenses/by/4.0/" in source


def test_version():
    """It stands in CITATION.cff; the newest entry of the change log is about it."""
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    (version,) = re.findall(r"^version: (\d+\.\d+\.\d+)$", citation, flags=re.MULTILINE)
    log = (ROOT / ".github" / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (\S+)", log, flags=re.MULTILINE)[0] == version
    assert "The Downhill authors" in citation


def test_text_of_the_licence():
    text = (ROOT / "notebooks" / "LICENSE.txt").read_text(encoding="utf-8")
    assert text.startswith("Creative Commons Attribution 4.0 International\n")
    for number in range(1, 9):
        assert f"Section {number}" in text
    assert len(text) > 16_000


def test_links_of_the_community_files():
    for path in [ROOT / "CONTRIBUTING.md", *ROOT.glob(".github/**/*.md")]:
        text = re.sub(r"`[^`\n]*`", "", path.read_text(encoding="utf-8"))
        for link in re.findall(r"\]\(([^)\s#]+)\)", text):
            assert link.startswith("https://") or (path.parent / link).exists(), (path, link)


# The links that open the course in a browser


@pytest.fixture
def links():
    spec = importlib.util.spec_from_file_location("links", ROOT / ".binder" / "links.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


BINDER = "https://mybinder.org/v2/gh/ada/downhill/HEAD?urlpath=lab%2Ftree%2Fnotebooks%2F00_start_here.ipynb"


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/ada/downhill",
        "https://github.com/ada/downhill.git",
        "https://ada:secret@github.com/ada/downhill/",
        "http://github.com/ada/downhill",
        "git@github.com:ada/downhill.git",
        "ssh://git@github.com/ada/downhill.git",
        "ssh://git@github.com:22/ada/downhill",
        "git://github.com/ada/downhill.git",
    ],
)
def test_links_for_github(links, address):
    file = "github/ada/downhill/blob/HEAD/notebooks/00_start_here.ipynb"
    assert links.links(address) == {
        "Site": "https://ada.github.io/downhill/",
        "Binder": BINDER,
        "nbviewer": f"https://nbviewer.org/{file}",
        "Colab": f"https://colab.research.google.com/{file}",
    }
    assert (ROOT / links.FIRST).is_file()


@pytest.mark.parametrize(
    "address", ["https://gitlab.com/lab/math/downhill.git", "git@gitlab.com:lab/math/downhill"]
)
def test_links_for_gitlab(links, address):
    found = links.links(address)
    assert found["Binder"] == BINDER.replace("gh/ada/", "gl/lab%2Fmath%2F")
    raw = "https://nbviewer.org/urls/gitlab.com/lab/math/downhill/-/raw/HEAD/notebooks/"
    assert found["nbviewer"] == raw + "00_start_here.ipynb"
    assert "Colab" not in found
    assert found["Site"] == "https://lab.gitlab.io/math/downhill/"


def test_links_for_a_lesson(links):
    found = links.links("https://github.com/ada/ada.github.io", "notebooks/deeper/01_x.ipynb")
    assert found["Site"] == "https://ada.github.io/"
    assert found["Colab"].endswith("/ada/ada.github.io/blob/HEAD/notebooks/deeper/01_x.ipynb")
    assert found["Binder"].endswith("lab%2Ftree%2Fnotebooks%2Fdeeper%2F01_x.ipynb")


@pytest.mark.skipif(not which("git"), reason="git is not installed")
def test_address_of_a_checkout(links, tmp_path):
    assert links.address_of(tmp_path) == ""
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    remote = ["git", "-C", tmp_path, "remote", "add", "origin", "git@github.com:ada/downhill.git"]
    subprocess.run(remote, check=True)
    assert links.address_of(tmp_path) == "https://github.com/ada/downhill"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "downhill",
        "../downhill",
        "https://github.com/ada",
        "https://github.com/ada/downhill/tree/main",
        "https://gitlab.com/ada/downhill/-/tree/main",
        "https://example.org/ada/downhill",
        "https://github.com.example.org/ada/downhill",
    ],
)
def test_links_for_no_repository(links, address):
    with pytest.raises(ValueError, match="https://github.com/OWNER/REPO"):
        links.links(address)


@pytest.mark.skipif(not which("git"), reason="git is not installed")
def test_links_of_a_checkout(links, tmp_path, capsys):
    assert "git remote add origin" in links.main([], root=tmp_path)  # not even a repository
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    assert "git remote add origin" in links.main(["--write"], root=tmp_path)
    remote = ["git", "-C", tmp_path, "remote", "add", "origin", "git@github.com:ada/downhill.git"]
    subprocess.run(remote, check=True)
    assert links.main([], root=tmp_path) is None
    assert BINDER in capsys.readouterr().out


@pytest.fixture
def course(tmp_path):
    """A copy of the README and of two notebooks."""
    (tmp_path / "README.md").write_text(README, encoding="utf-8")
    for path in (NOTEBOOKS[0], NOTEBOOKS[-1]):
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    return tmp_path


def test_links_are_written(links, course):
    readme = course / "README.md"
    for owner in ("ada", "grace", "ada"):  # as often as one likes
        assert links.main([f"https://github.com/{owner}/downhill", "--write"], root=course) is None
        text = readme.read_text(encoding="utf-8")
        assert text.count(f"/{owner}/downhill/HEAD") == 1
        assert f"(https://{owner}.github.io/downhill/lite/lab/index.html?path=" in text
        before, after = text.split(links.BEGIN)[0], text.split(links.END)[1]
        assert (before, after) == (README.split(links.BEGIN)[0], README.split(links.END)[1])
        for path in course.glob("notebooks/**/*.ipynb"):
            text = path.read_text(encoding="utf-8")
            assert text.count(f'home = \\"https://github.com/{owner}/downhill\\"') == 1
            assert text.count("google.colab") == 1
            old = (ROOT / path.relative_to(course)).read_text(encoding="utf-8")
            new = [line for line in text.splitlines() if line not in old.splitlines()]
            assert len(new) == 4, "nothing else of the file has changed"
    readme.write_text("no markers", encoding="utf-8")
    assert links.BEGIN in links.main(["https://github.com/ada/downhill", "--write"], root=course)
    assert readme.read_text(encoding="utf-8") == "no markers"


def test_the_address_stands_in_one_place(links):
    before, rest = README.split(links.BEGIN)
    doors, after = rest.split(links.END)
    assert doors.strip().startswith("Without an installation: ")
    assert "mybinder.org/v2" not in before + after


def test_a_notebook_opened_alone_fetches_the_course(links, course, tmp_path_factory):
    """As Colab does it, with an archive on this machine in the place of the one on the web."""
    links.main(["https://github.com/ada/downhill", "--write"], root=course)
    alone = tmp_path_factory.mktemp("content")
    archive = alone / "HEAD.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in [*ROOT.glob("*.py"), *ROOT.glob("notebooks/lab/**/*")]:
            file.write(path, f"downhill-main/{path.relative_to(ROOT).as_posix()}")
    for path in (course / NOTEBOOKS[0].relative_to(ROOT), course / NOTEBOOKS[-1].relative_to(ROOT)):
        cells = nbformat.read(path, 4).cells
        setup = next(cell.source for cell in cells if cell.cell_type == "code")
        code = f"""
import io, sys, types, urllib.request
sys.modules["google"] = types.ModuleType("google")
sys.modules["google.colab"] = colab = types.ModuleType("google.colab")
colab.output = types.SimpleNamespace(enable_custom_widget_manager=lambda: print("widgets"))
asked = {{
    "https://github.com/ada/downhill/raw/HEAD/.binder/colab.py": {str(ROOT / ".binder/colab.py")!r},
    "https://github.com/ada/downhill/archive/HEAD.zip": {str(archive)!r},
}}
urllib.request.urlopen = lambda url: open(asked[url], "rb")
exec({setup!r})
import lab
print(lab.__file__)
"""
        run = subprocess.run(
            [sys.executable, "-c", code], cwd=alone, capture_output=True, text=True
        )
        assert run.returncode == 0, run.stderr
        assert "widgets" in run.stdout and str(alone / "downhill") in run.stdout


# What is installed


def test_binder_installs_what_is_required():
    pinned = requirements(".binder/requirements.txt")
    for name, requirement in requirements("requirements.txt").items():
        assert name in pinned, f"{name} is not pinned for Binder: run the command in that file"
        (pin,) = pinned[name].specifier
        assert requirement.specifier.contains(pin.version), f"Binder: {pin} for {requirement}"
    for pin in pinned.values():
        assert re.fullmatch(r"==[\d.]+(post\d+)?", str(pin.specifier)), f"not an exact pin: {pin}"
    assert len(pinned) > 50, "the whole list, with what our requirements need in their turn"
    runtime = (ROOT / ".binder" / "runtime.txt").read_text(encoding="utf-8").strip()
    text = (ROOT / ".binder" / "requirements.txt").read_text(encoding="utf-8")
    assert f"--python-version {runtime.removeprefix('python-')} " in text


def test_binder_recipe():
    if not importlib.util.find_spec("repo2docker"):
        pytest.skip("jupyter-repo2docker, which writes the recipe, is not installed")
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    recipe = run.stdout + run.stderr
    assert run.returncode == 0, recipe
    runtime = (ROOT / ".binder" / "runtime.txt").read_text(encoding="utf-8").strip()
    assert f"python={runtime.removeprefix('python-')}" in recipe
    assert 'pip install --no-cache-dir -r ".binder/requirements.txt"' in recipe
    assert "postBuild" in recipe


def test_oldest_versions_are_the_lower_bounds():
    wanted = {**requirements("requirements.txt"), **requirements("tests/requirements.txt")}
    oldest = requirements("tests/oldest.txt")
    assert oldest.keys() == wanted.keys()
    for name, requirement in wanted.items():
        (bound,) = [part.version for part in requirement.specifier if part.operator == ">="]
        (pin,) = oldest[name].specifier
        assert pin.operator == "==" and Version(pin.version) == Version(bound), name


# The house


def test_imports_run_one_way():
    standard = {*sys.stdlib_module_names, "__future__"}
    assert {name.split(".")[0] for name in imports(ROOT / "optimizers.py")} <= {*standard, "numpy"}
    needed = set()
    for package in requirements("requirements.txt"):
        needed |= INSTALLED_AS.get(package, {package})
    for path in LAB:
        found = {name.split(".")[0] for name in imports(path)} - standard
        found -= {"optimizers"}
        if path.parent.name in KNOW_THE_RULES:
            found -= {*optimizers.__all__}
        assert found <= needed, f"lab/{path.name} imports {found - needed}"


def test_the_floor_needs_nothing_but_numpy():
    code = f"""
import sys
for absent in ("matplotlib", "PIL", "ipywidgets", "anywidget", "traitlets", "IPython"):
    sys.modules[absent] = None  # an import of it fails
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "notebooks")!r}]
from importlib import import_module
for name in {FLOOR}:
    import_module(f"lab.{{name}}")
from lab import bowl, claim, descend
from optimizers import SGD
print(descend(SGD(lr=0.1), bowl, 30).f[-1])
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert float(run.stdout) > 0


def arrows():
    """{module: the modules of the lab that it imports}, each by its path below lab/, as a tuple."""
    places = [path.relative_to(ROOT / "notebooks" / "lab").with_suffix("").parts for path in LAB]
    found = {place: set() for place in places}
    for path, place in zip(LAB, places):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level:
                module = node.module.split(".") if node.module else []
                base = (*place[: len(place) - node.level], *module)
                for target in [(*base, name.name) for name in node.names] + [base]:
                    found[place] |= {target} & found.keys()
    return found


MAY = {  # what each wing may import, beside itself
    "floor": set(),
    "pictures": {"floor"},
    "dialects": {"floor"},
    "exercises": {"floor", "dialects"},
    "live": {"floor", "pictures", "dialects"},
    "classroom": {"floor", "pictures", "dialects", "exercises", "live"},
}


def wing(module):
    if len(module) > 1:
        return module[0]
    return "pictures" if module[0] in DRAW else "floor"


def test_arrows_run_from_the_wings_to_the_floor_and_never_in_a_circle():
    graph = arrows()
    for module, needed in graph.items():
        for other in needed:
            assert wing(other) in MAY[wing(module)] | {wing(module)}, f"{module} imports {other}"
    while graph:
        ends = {module for module, needed in graph.items() if not needed & graph.keys()}
        assert ends, f"a circle: {graph}"
        graph = {module: needed for module, needed in graph.items() if module not in ends}


def test_no_module_is_hidden_by_a_function_of_its_name():
    """`from lab import name` is one thing, whatever was imported before."""
    for folder in {path.parent for path in LAB}:
        home = import_module(".".join(folder.relative_to(ROOT / "notebooks").parts))
        modules = {path.stem for path in LAB if path.parent == folder}
        public = {name for name, value in vars(home).items() if not inspect.ismodule(value)}
        assert not modules & (public | {*getattr(home, "__all__", ())}), folder


def test_top_level():
    names = {path.relative_to(ROOT).parts[0] for path in course_files()}
    visible = {name for name in names if not name.startswith(".")}
    allowed = {"notebooks", "optimizers.py", "requirements.txt", "README.md", "img", "tests"}
    assert visible <= {*allowed, "LICENSE", "CONTRIBUTING.md", "CITATION.cff"}


def test_no_file_names_a_machine():
    mirror = re.compile(r"(?:index-url|find-links|trusted-host)[ =]+\S+")
    for path in course_files():
        if path.suffix in (".ipynb", ".png"):  # notebooks have a test of their own
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for pattern in (MACHINE_PATH, mirror, re.compile(re.escape(f"{ROOT}{os.sep}"))):
            found = pattern.search(text)
            assert not found, f"{path.relative_to(ROOT)}: {found[0]}"
