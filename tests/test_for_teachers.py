"""The teacher's guide says what is so: its numbers, its sections, its commands, its minutes."""

import re
import shlex

import numpy as np
import pytest
from course_files import ROOT, page, section, table
from lab.classroom import course
from lab.classroom.__main__ import main
from lab.exercises.check import find

GUIDE = (ROOT / "notebooks" / "for_teachers.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
PLANS = dict(re.findall(r"^### (\d\d[a-c]?) .*\n((?:(?!^##).*\n)*)", GUIDE, flags=re.MULTILINE))
FINISHED = re.findall(r"^\| (\d\d[a-c]?) \| .* \| \d+ \|$", README, flags=re.MULTILINE)
each_plan = pytest.mark.parametrize("number", [n for n in PLANS if n in FINISHED])


def lesson(number):
    return course.read(page(number))["cells"]


def headings(number):
    text = "\n".join(c["source"] for c in lesson(number) if c["cell_type"] == "markdown")
    return re.findall(r"^## (.*)$", text, flags=re.MULTILINE)


def measured(number):
    """What the lesson's stored outputs say of each guess."""
    text = "".join("".join(o.get("text", "")) for c in lesson(number) for o in c.get("outputs", []))
    found = re.findall(r"^Guess (\S+): .*measured (.*)\.$", text, flags=re.MULTILINE)
    return dict(found)


def test_every_finished_lesson_has_a_plan():
    assert {*FINISHED} <= {*PLANS}, "write a plan of 90 minutes into notebooks/for_teachers.md"
    for number, title in re.findall(r"^### (\d\d[a-c]?) (.*)$", GUIDE, flags=re.MULTILINE):
        assert lesson(number)[0]["source"].startswith(f"# {number} {title}"), number


@each_plan
def test_minutes(number):
    """From 0 to 90 without a gap; each row names a section of the lesson, in its order."""
    rows = table(f"\n{PLANS[number]}", "minutes")
    times = [[int(t) for t in row[0].split("–")] for row in rows]
    assert times[0][0] == 0 and times[-1][1] == 90
    assert all(end == begin for (_, end), (begin, _) in zip(times, times[1:]))
    assert all(begin < end for begin, end in times)
    places = [headings(number).index(row[1]) for row in rows]
    assert places == sorted(places), "the sections are in another order"
    assert all(row[2] for row in rows)


@each_plan
def test_guesses(number):
    """Each guess of the lesson, what it measures, and at least one answer to expect."""
    rows = table(f"\n{PLANS[number]}", "guess")
    found = measured(number)
    assert [row[0] for row in rows] == [*found]
    for key, said, *_ in rows:
        assert alike(said, found[key]), f"{key}: the guide says {said}, the lesson {found[key]}"
    assert all(len(row[2]) > 15 for row in rows)
    asked = re.findall(r"Ask ([\d.abc, and]+)", table_text(PLANS[number], "minutes"))
    spelt = {key for text in asked for key in re.findall(r"\d\d[abc]?\.\d+", text)}
    assert spelt <= {row[0] for row in rows}


def alike(said, found):
    """The same words, or numbers within a tenth: a lesson may draw other noise."""
    numbers = [re.findall(r"-?\d[\d.]*", text) for text in (said, found)]
    if not all(numbers):
        return said == found
    return len(numbers[0]) == len(numbers[1]) and np.allclose(
        *np.array(numbers, dtype=float), rtol=0.1
    )


def table_text(text, first):
    return text[text.index(f"| {first} |") :].split("\n\n")[0]


@each_plan
def test_each_plan_says_what_to_skip_project_and_ask_at_the_end(number):
    assert "Project: " in PLANS[number]
    assert re.search(r"[Ll]eave out when short|If only twenty minutes", PLANS[number])
    assert "Exit ticket: " in PLANS[number] or "exit ticket" in PLANS[number]
    for ticket in re.findall(r"Exit ticket: (\d\d\.\d) with a seed", PLANS[number]):
        assert find(ticket)[1].vary, f"{ticket} has no variants"


@each_plan
def test_sections_that_are_named(number):
    """*Words in italics* that begin like a section are one, in full."""
    known = headings(number)
    for name in re.findall(r"\*([^*\n]+)\*", PLANS[number]):
        near = [h for h in known if h.split()[:2] == name.split()[:2] and len(name.split()) > 1]
        assert not near or any(h.startswith(name) for h in known), name


# ---------------------------------------------------------------------------- wrong answers


def test_wrong_answers_come_from_the_thought_that_is_named():
    """Some of them, computed."""
    t = np.arange(1, 5000)
    rho = 19 / 21
    expected = {
        "01.4": [np.log(1e6), 6 / -np.log(rho), 2 * np.log(1e6) / -np.log(rho) + 1],
        "02.1": [2 / 1.05, 2 / (0.1 + 2)],
        "03.2": [1 / 16, 1 / np.sqrt(255)],
        "03.3": [0.3 / 4 * 2, 0.3 / 4],
        "03.4": [10 / 16],
        "05.2": [np.sqrt(0.9), 0.9 * (1 - 0.01), 0.9 * (1 - 0.2)],
        "06.1": [1.5 * 0.7, 1.5 * 4],
        "07.4": [0.5 * 2.1 * 0.3**2],
        "09.1": [t[np.argmax(0.9**t < 0.5)], t[np.argmax(0.999**t < 0.5)]],
        "09.2": [0.3 * 0.7, 0.3 * 4, 0.3 / np.sqrt(0.1)],
        "10.2": [-1 / 161],
        "12.2": [36 * 30],
    }
    for key, values in expected.items():
        row = re.search(rf"^\| {re.escape(key)} \| [^|]* \| (.*) \|$", GUIDE, re.MULTILINE)[1]
        said = [float(x.replace(",", "")) for x in re.findall(r"-?\d[\d,]*(?:\.\d+)?(?!\d)", row)]
        for value in values:
            assert any(np.isclose(x, value, rtol=0.05) for x in said), (key, value, row)


def test_the_self_test():
    text = section(GUIDE, "Who it is for, and a self-test")
    answers = re.findall(r"\((\d+)\) (.*?)\.(?= \(\d|$)", text[text.index("(1) 8") :], re.MULTILINE)
    y = np.array([1.0, 2.0])
    y *= 2
    g = np.array([-7 / 10, 2 * 2.0])
    t = np.arange(1, 20)
    found = [
        6 * 2 - 4,
        tuple(g),
        g @ (0.6, 0.8),
        t[np.argmax(0.9**t < 0.5)],
        1 / (1 - 0.9),
        np.linalg.eigvalsh([[1.05, -0.95], [-0.95, 1.05]]),
        abs(np.roots([1, -1, 0.5]))[0],
        (np.mean([1, 2, 6]), np.var([1, 2, 6])),
        y,
        (np.ones((3, 1)) * np.ones(4)).shape,
    ]
    assert len(answers) == 10
    for (number, said), value in zip(answers, found):
        numbers = [float(x.replace("−", "-").rstrip(".")) for x in re.findall(r"−?\d[\d.]*", said)]
        assert np.allclose(numbers, np.ravel(value), rtol=2e-3), (number, said, value)


# ---------------------------------------------------------------------------- commands and links

BLOCKS = re.findall(r"^```bash\n(.*?)^```", GUIDE, flags=re.DOTALL | re.MULTILINE)
COMMANDS = [c for c in "\n".join(BLOCKS).splitlines() if c.startswith("python -m lab.classroom")]


def test_commands(tmp_path):
    """Each command of the guide is taken as it stands; `grade` and `--csv` need a folder first."""
    (tmp_path / "collected").mkdir()
    source = ROOT / "notebooks" / "01_gradient_descent.ipynb"
    (tmp_path / "collected" / "anna.ipynb").write_bytes(source.read_bytes())
    assert len(COMMANDS) == len(re.findall("python -m lab", "\n".join(BLOCKS))) >= 9
    for k, command in enumerate(COMMANDS):
        verb, *words = shlex.split(command)[3:]
        if verb == "slides":  # all decks have a test of their own
            words = [words[0], "--lessons", "01"]
        place = tmp_path if verb == "grade" else tmp_path / str(k)
        words = [word.replace("../teaching/", f"{place}/") for word in words]
        assert main([verb, *words]) is None, command
    assert (tmp_path / "marks_by_student.csv").exists()
    zipped = tmp_path / "0" / "class.zip"
    assert 0.5e6 < zipped.stat().st_size < 1.2e6, "the guide says 0.8 MB"


def test_variants_that_are_named():
    named = re.search(r"With a seed, (.*?) ask for other numbers", GUIDE)[1]
    for number in re.findall(r"\d\d\.\d", named):
        assert find(number)[1].vary
    for path in course.pages():
        for item in course.items(course.read(path)):
            if item.verb == "check" and find(item.number)[1].vary:
                assert item.number in named


def test_links():
    anchors = {
        re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^##+ (.*)$", GUIDE, flags=re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)]+)\)", GUIDE):
        path, _, anchor = target.partition("#")
        if path:
            text = (ROOT / "notebooks" / path).read_text(encoding="utf-8")
            titles = [t.lower().replace(" ", "-") for t in re.findall(r"^##+ (.*)$", text, re.M)]
            assert not anchor or anchor in titles, target
        else:
            assert anchor in anchors, target
    assert not re.search(r"\w!(?!\[)", GUIDE.replace("!=", "")), "an exclamation mark"


def test_what_hub_images_need():
    wanted = {
        re.split("[><=]", line)[0]
        for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    }
    said = re.search(r"^RUN pip install --no-cache-dir (.*)$", GUIDE, flags=re.MULTILINE)[1]
    assert wanted == {*said.split()}
