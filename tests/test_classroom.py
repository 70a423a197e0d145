"""A class copy that runs and holds no answers, and marks that a class cannot talk its way to."""

import ast
import csv
import json
import os
import re
import subprocess
import sys

import nbformat
import numpy as np
import pytest
from course_files import LESSONS, ROOT
from lab import projector
from lab.classroom import course, formulas, grade, handout, slides
from lab.classroom.__main__ import main
from lab.classroom.course import Item
from lab.classroom.exam import agrees
from lab.classroom.exam import exam as make_exam
from lab.classroom.faults import CHOOSE, FAULTY, fault, rare_or_not
from lab.classroom.grade import FIELDS, lesson_of, write_tables
from lab.classroom.needed import find_call, names_in, statements
from lab.classroom.paper import still
from lab.classroom.predictions import PREDICT
from lab.classroom.questions import DERIVE
from lab.exercises.check import check, find
from lab.exercises.judges import EXERCISES
from solve_exercises import is_exercise, solution

LESSON = ROOT / "notebooks" / "01_gradient_descent.ipynb"
GRADER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")  # what nbgrader takes

# ---------------------------------------------------------------------------- variants

VARIED = "00.1 01.1 02.1 02.2 03.1 04.1 06.1 06.2 07.1 08.1 09.1 10.1 10.6 10.8".split()
from seen import opened


def test_which_exercises_have_variants():
    for number in VARIED:
        assert find(number)[1].vary, number
    assert sorted(number for number in EXERCISES if EXERCISES[number].vary) == VARIED


@pytest.mark.parametrize("number", VARIED)
def test_variants(number):
    """Each seed has a question and an answer of its own, and the lesson's answer is wrong then."""
    asked = {}
    for seed in range(60):
        said = str(check(number, ..., tell=True, seed=seed))
        text, answer = re.search(r"\nYours: (.*)\nThe answer: (.*)\.$", said).groups()
        asked[text] = answer
        assert str(check(number, ..., tell=True, seed=f" {seed} ")).endswith(said[-len(answer) :])
    assert len(asked) >= 10, "few questions for sixty students"
    if number != "06.1":  # there only lr counts
        assert len({*asked.values()}) >= 20, "few answers for sixty students"
    plain = str(check(number, ..., tell=True))
    assert "Yours" not in plain
    assert str(check(number, ..., tell=True, seed=...)) == plain


def test_a_variant_is_judged_by_its_own_numbers():
    text = str(check("01.1", ..., seed=7))
    a = float(re.search(r"f\(x\) = ([\d.]+)x²", text)[1])
    assert check("01.1", 1 / a, seed=7).state == "right"
    assert check("01.1", 1 / a).state == check("01.1", 1 / 3, seed=7).state == "wrong"
    assert "twice" in str(check("01.1", 2 / a, seed=7)), "the hint fits the mistake"
    assert check("01.3", ..., seed=7).text == check("01.3", ...).text, "no numbers to vary"


# ---------------------------------------------------------------------------- class copy


@pytest.fixture(scope="module")
def class_copy(tmp_path_factory):
    out = tmp_path_factory.mktemp("class") / "Übung 1 & co"
    size = handout.copy(out, ["01", "09"], solutions="none", variants=True)
    assert size < 2e6, "60 students share one Wi-Fi"
    return out


def cells(path):
    return course.read(path)["cells"]


def test_the_class_copy_holds_no_answers(class_copy):
    for path in class_copy.rglob("*.ipynb"):
        nbformat.validate(nbformat.read(path, as_version=4))
        for cell in cells(path):
            assert not cell.get("outputs") and not cell.get("execution_count")
            assert "<summary>Solution" not in cell["source"] and "<summary>Answers" not in cell
            assert "jupyter" not in cell["metadata"]
            if is_exercise(cell):
                assert GRADER_ID.fullmatch(cell["id"]) and cell["id"].startswith("ex-")
    assert not (class_copy / "notebooks" / "lab" / "classroom").exists()


def test_links_in_the_class_copy_lead_somewhere(class_copy):
    for path in class_copy.rglob("*.ipynb"):
        for cell in cells(path):
            if cell["cell_type"] == "markdown":
                for target in re.findall(r"\]\((?!http|#)([^)#]+)", cell["source"]):
                    assert (path.parent / target).exists(), f"{path.name}: {target}"
    text = (class_copy / "README.md").read_text(encoding="utf-8")
    assert "notebooks/01_gradient_descent.ipynb" in text


def test_the_class_copy_runs(class_copy):
    """Alone, with nothing of the course on Python's path."""
    script = f"""
import nbformat
from nbclient import NotebookClient
for name in ("01_gradient_descent", "deeper/01_guarantees"):
    path = {str(class_copy / "notebooks")!r} + "/" + name + ".ipynb"
    notebook = nbformat.read(path, as_version=4)
    where = {{"metadata": {{"path": path.rpartition("/")[0]}}}}
    NotebookClient(notebook, timeout=120, resources=where).execute()
    for cell in notebook.cells:
        if cell.id == "ex-01-1":
            assert "seed" not in str(cell.outputs) and "is open" in str(cell.outputs)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, cwd=class_copy)
    assert run.returncode == 0, run.stderr.decode()[-3000:]


def test_solutions_may_be_folded(tmp_path):
    handout.copy(tmp_path / "out", ["01"], solutions="folded")
    text = (tmp_path / "out" / "notebooks" / LESSON.name).read_text(encoding="utf-8")
    assert text.count("<summary>Solution") == 4 and "seed=seed" not in text


def test_what_compares_is_folded():
    shown = "It wins.\n\n$$a$$\n\nIn words: a.\n\n## On\n\nMore."
    fold = "<details><summary>When you have run it</summary>\n\n"
    assert handout.folded(shown) == f"{fold}It wins.\n\n$$a$$\n\nIn words: a.\n</details>" + (
        "\n\n## On\n\nMore."
    )
    for text in ("*Guess*: how far?", "## On\n\nMore.", "Here is the film:"):
        assert handout.folded(text) == text


def test_a_copy_overwrites_nothing(class_copy):
    assert "not empty" in main(["copy", str(class_copy)])
    assert "there is no lesson 77; there are 00, 01" in main(
        ["copy", str(class_copy / "x"), "--lessons", "77"]
    )


# ---------------------------------------------------------------------------- marking

RIGHT = {
    "build-SGD": "class SGD(Optimizer):\n    lr: float = 0.01\n\n"
    "    def step(self, g):\n        return -self.lr * g\n\n\nSGD = build('SGD', SGD)",
    "ex-01-1": "answer = 1 / 3\ncheck('01.1', answer)",
    "ex-01-2": "answer = SGD(lr=2 / 4.2)\ncheck('01.2', answer)",
    "ex-01-3": "def answer(mu, L, digits):\n    rho = (L - mu) / (L + mu)\n"
    "    return int(np.ceil(digits * np.log(10) / -np.log(rho)))\n\n\ncheck('01.3', answer)",
}
TABLE = """def answer(mu, L, digits):
    return {(0.1, 2.0, 6): 138, (0.02, 2.0, 3): 346, (1.0, 5.0, 10): 57}.get((mu, L, digits), 99)


check("01.3", answer)"""
JUMP = """class SGD(Optimizer):
    lr: float = 0.5

    def step(self, g):
        return -g / np.array([0.2, 4.0])


answer = SGD()
check("01.2", answer)"""
REDEFINED = """import lab.exercises.judges as judges
judges.EXERCISES.clear()
class Verdict:
    state = "right"
def check(number, answer, **more):
    return Verdict()
answer = 2
check("01.1", answer)"""
SUBMISSIONS = {  # student: the cells, and the states, that are not those of a right submission
    "anna": ({}, {}),
    "bert": ({"ex-01-1": "answer = 2 / 3\ncheck('1.1', answer)"}, {"01.1": "wrong"}),
    "cleo": ({"ex-01-3": TABLE}, {"01.3": "wrong"}),
    "dave": ({"ex-01-1": REDEFINED}, {"01.1": "wrong"}),
    "emma": (
        {"ex-01-1": "while True:\n    answer = 1 / 3\n\ncheck('01.1', answer)"},
        {"01.1": "time"},
    ),
    "fred": (
        {"ex-01-3": "def answer(mu, L, digits)\n    return 3\n\ncheck('01.3', answer)"},
        {"01.3": "error"},
    ),
    "gina": ({"ex-01-2": None, "ex-01-3": None}, {"01.2": "missing", "01.3": "missing"}),
    "hans": ({"ex-01-2": JUMP}, {"01.2": "wrong"}),
    "ines": ({"ex-01-1": "answer = 9**9**9\ncheck('01.1', answer)"}, {"01.1": "time"}),
    "jose": (
        {"ex-01-1": "import os\nanswer = os._exit(0)\ncheck('01.1', answer)"},
        {"01.1": "error"},
    ),
    "kate": (
        {"ex-01-3": "import inspect\n" + RIGHT["ex-01-3"].replace("rho =", "inspect, rho = 0,")},
        {"01.3": "look"},
    ),
    "liam": (
        {
            "ex-01-1": "x = undefined\ncheck('01.1', 1 / 3)",  # another line of the cell fails
            "ex-01-2": "answer = ...\ncheck('01.2', answer)",
            "ex-01-3": "answer = undefined\ncheck('01.3', answer)",
            "build-SGD": RIGHT["build-SGD"].replace("-self.lr", "self.lr"),
        },
        {"01.2": "open", "01.3": "error", "build SGD": "wrong"},
    ),
}


def hand_in(folder, student, changes):
    """Write the notebook that a student hands in: right, but for some cells; None deletes one."""
    notebook = handout.handed_out(LESSON, set())
    ran = student != "anna"
    for cell in notebook["cells"]:
        if cell["id"] in RIGHT:
            cell["source"] = (RIGHT | changes)[cell["id"]]
            cell["execution_count"] = 7 if ran else None
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["source"] is not None]
    if student == "dave":  # and everything before fails, and never ends
        wild = handout._code("wild", "raise SystemExit\nwhile True: pass")
        notebook["cells"].insert(0, wild)
    course.write(notebook, folder / student / LESSON.name)


@pytest.fixture(scope="module")
def marked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("collected")
    for student, (changes, _) in SUBMISSIONS.items():
        hand_in(folder, student, changes)
    (folder / "mary.ipynb").write_text("no notebook", encoding="utf-8")
    patch = pytest.MonkeyPatch()
    patch.setattr(grade, "GRACE", 1)
    rows = grade.grade(folder, limit=1.5, jobs=2, salt=3)
    patch.undo()
    return rows


def of(rows, student):
    return {row["exercise"]: row for row in rows if row["student"] == student}


@pytest.mark.parametrize("student", SUBMISSIONS)
def test_marks(marked, student):
    found = {exercise: row["state"] for exercise, row in of(marked, student).items()}
    right = dict.fromkeys(["build SGD", "01.1", "01.2", "01.3"], "right")
    assert found == right | SUBMISSIONS[student][1], of(marked, student)


def test_what_went_wrong_is_said(marked):
    said = {(row["student"], row["exercise"]): f"{row['said']} | {row['note']}" for row in marked}
    assert "saved without running" in said["anna", "01.1"]
    assert "yours is 0.666667" in said["bert", "01.1"]
    assert "check of its own" in said["dave", "01.1"]
    assert "not ended after 1.5 seconds" in said["emma", "01.1"]
    assert "no Python, `def answer(mu, L, digits)`" in said["fred", "01.3"]
    assert "no cell hands in 01.2" in said["gina", "01.2"]
    assert "could not be stopped" in said["ines", "01.1"]
    assert "Python itself ended" in said["jose", "01.1"]
    assert "inspect" in said["kate", "01.3"]
    assert "line 1, `answer = undefined`" in said["liam", "01.3"]
    assert "mary.ipynb is no notebook" in said["mary", ""]


def test_tables(marked, tmp_path):
    short = write_tables(marked, tmp_path / "marks.csv")
    with (tmp_path / "marks.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == len(marked) and tuple(lines[0]) == FIELDS
    with short.open(encoding="utf-8-sig", newline="") as file:
        table = {line["student"]: line for line in csv.DictReader(file)}
    assert len(table) == len(SUBMISSIONS) + 1
    assert (table["anna"]["right"], table["anna"]["of"], table["anna"]["01.3"]) == (
        "4",
        "4",
        "right",
    )
    assert table["kate"]["to look at"] == table["mary"]["to look at"] == "1"
    assert grade.harmless("=1+1") == "'=1+1" and grade.harmless(3) == 3


def test_every_printed_solution_is_marked_right(tmp_path):
    expected = 0
    for path in course.pages():
        notebook = course.read(path)
        for i, cell in enumerate(notebook["cells"]):
            if is_exercise(cell):
                text = solution(notebook["cells"], i).strip()
                before, _, after = cell["source"].partition("answer = ...")
                cell["source"] = f"{before}{text}\n{after.partition(chr(10))[2]}"
                expected += 1
        course.write(notebook, tmp_path / path.stem / path.name)
    rows = grade.grade(tmp_path, limit=60, jobs=2)
    wrong = [
        row
        for row in rows
        if row["state"] != "right" and not row["exercise"].startswith("build") and row["exercise"]
    ]
    assert not wrong
    assert sum(row["state"] == "right" for row in rows) == expected > 60


def test_seeds_that_were_given_out(tmp_path):
    for student, seed in (("anna", 7), ("bert", 8)):
        a = float(re.search(r"= ([\d.]+)x²", str(check("01.1", ..., seed=7)))[1])
        change = {"ex-01-1": f"seed = {seed}\nanswer = 1 / {a}\ncheck('01.1', answer, seed=seed)"}
        hand_in(tmp_path / "in", student, change)
    (tmp_path / "seeds.csv").write_text("anna,7\nbert,7\n", encoding="utf-8")
    marks = tmp_path / "marks.csv"
    words = ["grade", str(tmp_path / "in"), "--csv", str(marks), "--salt", "1"]
    assert main([*words, "--seeds", str(tmp_path / "seeds.csv")]) is None
    with marks.open(encoding="utf-8-sig", newline="") as file:
        states = {(r["student"], r["exercise"]): r["state"] for r in csv.DictReader(file)}
    assert states["anna", "01.1"] == "right" and states["bert", "01.1"] == "seed"
    assert states["bert", "01.3"] == "right", "an exercise without variants needs no seed"


def test_the_lesson_is_known_by_its_exercises():
    known = {path.stem: course.items(course.read(path)) for path in course.pages(["01", "04"])}
    own = cells(ROOT / "notebooks" / "04_momentum.ipynb")
    assert lesson_of(LESSON, own, known)[0] == "04_momentum"
    assert lesson_of(LESSON, [], known) == ("01_gradient_descent", known["01_gradient_descent"])


def test_only_what_an_answer_needs_is_run():
    sources = [
        "import numpy as np\nfrom lab import animate, bowl, check",
        "a = [1]\nfor _ in iter(int, 1): b = 2",
        "a.append(2)\nanimate(a)\ndef f(x):\n    return x + late",
        "late = np.pi\n%matplotlib inline",
        "answer = f\ncheck('01.3', answer)\nanswer = 0",
    ]
    own = [{"cell_type": "code", "source": s, "id": str(k)} for k, s in enumerate(sources)]
    k, tree, call = find_call(own, Item("check", "01.3", "x"))
    kept = [ast.unparse(node) for _, node in statements(own, k, tree, call, names_in(call.args[1]))]
    assert kept == [
        "import numpy as np",
        "def f(x):\n    return x + late",
        "late = np.pi",
        "answer = f",
    ]
    kept = statements(own, k, tree, call, {"a"})
    assert [ast.unparse(node) for _, node in kept] == ["a = [1]", "a.append(2)"]


def test_the_marks_are_those_of_this_course(tmp_path):
    """A judge in the student's own folder, which calls everything right, is not asked."""
    hand_in(tmp_path, "anna", {"ex-01-1": "answer = 2\ncheck('01.1', answer)"})
    own = tmp_path / "anna" / "lab" / "exercises"
    own.mkdir(parents=True)
    for folder in (own.parent, own):
        (folder / "__init__.py").write_text("raise SystemExit\n", encoding="utf-8")
    (row,) = [r for r in grade.grade(tmp_path, jobs=1) if r["exercise"] == "01.1"]
    assert row["state"] == "wrong"


def test_what_is_wrong_is_said_in_a_sentence(tmp_path):
    assert "no notebook is in" in main(["grade", str(tmp_path)])
    (tmp_path / "seeds.csv").write_text("anna\n", encoding="utf-8")
    words = ["grade", str(tmp_path), "--seeds", str(tmp_path / "seeds.csv")]
    assert "two columns, student and seed" in main(words)


# ---------------------------------------------------------------------------- the exam


@pytest.mark.parametrize("make", [*DERIVE, *PREDICT, *CHOOSE], ids=lambda make: make.__name__)
def test_questions_of_an_exam(make):
    """Whatever is drawn, the key's number is what the course's own rules do."""
    texts = set()
    for seed in range(3 if make in CHOOSE else 8):
        question = make(np.random.default_rng(seed))
        assert agrees(question), (question.text, question.predicted, question.measured)
        assert np.isfinite(question.predicted) or question.kind == "choose"
        assert 4 <= question.marks <= 5
        texts.add(question.text)
    assert len(texts) > 1 or make is rare_or_not


RUN_FAULTY = """
import json, sys
import numpy as np
from optimizers import AboveZero, BelowOne, Optimizer
for name, code, said in json.load(sys.stdin):
    exec(code)
    opt, params, took = globals()[name](lr=0.1), {"x": np.zeros(1)}, []
    for g in (2.0, 1.0, -3.0):
        before = params["x"].copy()
        opt.update(params, {"x": np.array([g])})
        took.append(f"{(params['x'] - before)[0]:.4g}".replace("-", "−"))
    assert said.endswith("steps " + ", ".join(took)), (code, said, took)
"""


def test_classes_with_a_fault():
    """They take the steps that the key says, and not the right ones."""
    cases = []
    for rule in FAULTY:
        for seed in range(5):
            question = fault(np.random.default_rng(seed), rule)
            assert agrees(question)
            (_, words), (_, wrong), (_, right) = question.steps
            assert "It should be: " in words
            assert wrong.partition("steps ")[2] != right.partition("are ")[2]
            cases.append([rule.__name__, question.code, wrong])
    run = subprocess.run(  # in a process of its own: other tests walk through all classes
        [sys.executable, "-c", RUN_FAULTY],
        input=json.dumps(cases).encode(),
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        capture_output=True,
    )
    assert run.returncode == 0, run.stderr.decode()[-2000:]


def test_an_exam_for_a_seed(tmp_path):
    assert main(["exam", str(tmp_path / "a"), "--seed", "7"]) is None
    assert main(["exam", str(tmp_path / "b"), "--seed", "7"]) is None
    assert main(["exam", str(tmp_path / "c"), "--seed", "8"]) is None
    for name in ("exam.md", "exam.html", "key.md", "key.html"):
        a, b, c = ((tmp_path / k / name).read_text(encoding="utf-8") for k in "abc")
        assert a == b != c
        assert "http" not in a, "nothing from outside"
    exam, key = (
        (tmp_path / "a" / f"{name}.md").read_text(encoding="utf-8") for name in ("exam", "key")
    )
    assert exam.count("marks)") == key.count("marks)") == 12
    for line in key.splitlines():
        if line.startswith("- "):
            assert line not in exam, "the exam holds its key"
    kinds = [question.kind for question in make_exam(7)]
    assert kinds == ["derive"] * 3 + ["predict"] * 4 + ["fault"] * 3 + ["choose"] * 2


# ---------------------------------------------------------------------------- nbgrader


def test_export_to_nbgrader(tmp_path):
    """The form that nbgrader 0.9.6 took through release, collect and autograde."""
    out = tmp_path / "out"
    assert main(["nbgrader", str(out), "--lessons", "01", "08"]) is None
    for name, number in (("01_gradient_descent", "01"), ("08_adadelta", "08")):
        folder = out / "source" / f"lesson_{number}"
        notebook = nbformat.read(folder / f"{name}.ipynb", as_version=4)
        nbformat.validate(notebook)
        marked = [c for c in notebook.cells if "nbgrader" in c.metadata]
        ids = [cell.metadata.nbgrader.grade_id for cell in marked]
        assert len(ids) == len({*ids}) == 6 and all(map(GRADER_ID.fullmatch, ids))
        for own, judged in zip(marked[::2], marked[1::2]):
            assert own.metadata.nbgrader.solution and not own.metadata.nbgrader.locked
            begin, end = map(own.source.index, ("### BEGIN SOLUTION\n", "### END SOLUTION\n"))
            assert begin < own.source.index("answer") < end < own.source.index("check(")
            assert judged.metadata.nbgrader.grade and judged.metadata.nbgrader.points == 1
            ast.parse(own.source)
            ast.parse(judged.source)
        text = "\n".join(cell.source for cell in notebook.cells)
        assert 'sys.path.insert(0, ".")' in text and "<summary>Solution" not in text
        for target in re.findall(r"\]\((?!http|#)([^)#]+)", text):
            assert (folder / target).exists(), target
        assert (folder / "optimizers.py").exists() and (folder / "lab" / "__init__.py").exists()
    assert (out / "nbgrader_config.py").exists()


# ---------------------------------------------------------------------------- slides


def test_slides(tmp_path):
    """A deck for each lesson: ten to fifteen slides, every guess answered, every formula set."""
    formulas.unset.clear()
    made = slides.slides(tmp_path)
    assert not formulas.unset, formulas.unset
    assert len(made) == len(LESSONS)
    for path in LESSONS:
        text = (tmp_path / f"{path.stem}.html").read_text(encoding="utf-8")
        assert not re.search(r"(?:src|href|url)\W{0,3}https?:", text), "a request to the outside"
        asked = len(re.findall(r"^guess\(", words_of_code(path), flags=re.MULTILINE))
        assert text.count('class="guess"') == text.count('class="measured">') == asked
        assert 'class="measured"></p>' not in text, "a guess without its answer"
        if asked:  # a lesson of the second edition
            assert 10 <= made[path.stem] <= 15, path.stem
            assert text.count("<img ") == text.count('alt="') - text.count('alt=""') >= 3


def words_of_code(path):
    return "\n".join(c["source"] for c in cells(path) if c["cell_type"] == "code")


@pytest.mark.parametrize(
    "text, html",
    [
        ("*A* **b** `c*d*` [e](f.ipynb) x*y", "<em>A</em> <b>b</b> <code>c*d*</code> e x*y"),
        ("a < b & c", "a &lt; b &amp; c"),
    ],
)
def test_inline(text, html):
    assert formulas.inline(text) == html


def test_formulas_are_drawn():
    assert re.search(
        r'<svg .*aria-label="\\eta".*<path d="M[\d. MLQCZ-]+"', formulas.inline(r"$\eta$")
    )
    boxed = formulas.block(r"\boxed{\;a = \frac12\;}, \qquad b \le \sqrt x")
    assert boxed.count("<svg") == 2 and "boxed" in boxed and "<code>" not in boxed
    lines = formulas.block(r"\begin{aligned} a &= 1 \\ &\approx 2 \end{aligned}")
    assert lines.count("<svg") == 2 and "<code>" not in lines


def test_slides_in_a_browser(browser, tmp_path):
    """On a projector of 1920 by 1080 nothing is cut off, and nothing is asked of the network."""
    slides.slides(tmp_path, ["09", "13"])
    page = browser.new_page(viewport={"width": 1920, "height": 1080})
    asked, wrong = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    for name in ("09_adam", "13_network"):
        page.goto((tmp_path / f"{name}.html").as_uri())
        page.wait_for_function("document.querySelector('.number').textContent")
        for k in range(page.evaluate("all.length")):
            page.evaluate(f"show({k}); all[{k}].classList.add('open')")
            assert page.evaluate(FITS) <= 0, f"{name}, slide {k + 1}"
    page.evaluate("show(0)")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("at") == 1
    assert not wrong and all(url.startswith(("file:", "data:")) for url in asked)


FITS = """(() => {  // by how many pixels something is outside of the slide
  const slide = all[at], inside = slide.firstElementChild;
  const parts = [...inside.querySelectorAll("*")].filter((part) => !part.closest("svg svg, path"));
  const edges = parts.map((part) => part.getBoundingClientRect());
  return Math.max(...edges.map((e) => Math.max(e.right - innerWidth, e.bottom - innerHeight)));
})()"""


# ---------------------------------------------------------------------------- projector mode


def test_projector():
    """Tried in JupyterLab: a picture of 440 pixels is 792 wide, a start still follows the hand."""
    data, _ = projector()._repr_mimebundle_()
    assert "zoom: 1.8" in data["text/html"] and "1.8 times" in data["text/plain"]
    assert "zoom: 1" in projector(1)._repr_mimebundle_()[0]["text/html"]
    for size, error in ((9, ValueError), (0, ValueError), ("big", TypeError)):
        with pytest.raises(error, match="^size must be"):
            projector(size)


# ---------------------------------------------------------------------------- on paper


def test_paper_needs_no_network(tmp_path):
    assert main(["paper", str(tmp_path), "--lessons", "01"]) is None
    text = (tmp_path / f"{LESSON.stem}.html").read_text(encoding="utf-8")
    assert not re.search(r"<(?:script|link|img)[^>]*(?:src|href)=\W?https?:|url\(https?:", text)
    assert "<summary>Solution" not in text and text.count("<svg") > 60
    assert "<svg" in text.partition("Our home is the bowl")[2][:20], "a formula in its line"
    shown = re.sub(r"<(script|style).*?</\1>|<[^>]*>", "", text, flags=re.DOTALL)
    assert not re.search(r"\\(?:eta|frac|boxed|lambda)", shown), "LaTeX as it is written"


def test_films_on_paper_are_finished():
    film = (ROOT / "img" / "01_gradient_descent.png").read_bytes()
    with opened(film) as moving, opened(still(film)) as one:
        assert moving.n_frames > 10 and getattr(one, "n_frames", 1) == 1
        assert one.size == moving.size
        one.load()
