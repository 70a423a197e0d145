"""Chapter 15, the page to look things up in: its formulas, numbers, links and lists are right.

The formulas of the cheat sheet are run, as they are printed, against the classes; memory and passes
are counted, defaults compared; each number of the table of numbers comes from its formula, from a
run, or from both; what the advice rests on is looked up in the other notebooks, or measured here;
verbs and terms are used where their links lead, and works are cited where the list says.

What is said there in words ("take it for", "its catch", the meanings, the three languages, authors,
years and journals) no test can read.
"""

import json
import re
from dataclasses import fields

import lab
import lab.races
import numpy as np
import pytest
from course_files import NOTEBOOKS, ROOT, page, section, table, with_deeper, words
from formulas import definitions, value, walk
from lab import bowl, descend, feed, quadratic, rosenbrock, rotated_bowl
from lab.dialects.faults import FaultyAdam
from lab.network import digits, train_many
from lab.schedules import cosine

import optimizers
from optimizers import (
    SGD,
    Adadelta,
    AdaGrad,
    Adam,
    Adamax,
    AdamW,
    Momentum,
    Muon,
    NAdam,
    Nesterov,
    RAdam,
    RMSProp,
)

RULES = {name: getattr(optimizers, name) for name in optimizers.__all__ if name != "Optimizer"}
PAGE = words(page("15"))
SHEET = {re.search(r"\w+", row[0])[0]: row for row in table(PAGE, "rule")}
HELP = definitions(section(PAGE, "Cheat sheet"))  # hats, bars, δ and r, by symbol
HELP |= {r"\mathrmsign": np.sign, "O": optimizers.orthogonal, "p": 3, "q": 2}
SYMBOLS = {  # of the hyper-parameters, as the sheet writes them
    "lr": r"\eta",
    "momentum": r"\beta",
    "beta1": r"\beta_1",
    "beta2": r"\beta_2",
    "rho": r"\rho",
    "eps": r"\varepsilon",
    "weight_decay": r"\lambda",
}
each_row = pytest.mark.parametrize("name", [name for name in SHEET if name in RULES])

# The cheat sheet


def test_the_sheet_has_a_row_for_each_rule():
    assert list(SHEET) == list(RULES), (
        "the cheat sheet of chapter 15 wants one row for each rule, in the order of "
        f"optimizers.__all__: {sorted(SHEET.keys() ^ RULES.keys()) or 'the order differs'}"
    )


def memory(name):
    """The column memory of a rule, with what it says is as in another row."""
    text = SHEET[name][1]
    if name in ("Lion", "Muon"):  # the last sentence below the sheet
        text = SHEET["AdamW"][1].replace("as Adam", "") + text
    said = re.search(r"(?:\$(\w)\$ )?as (\w+)", text)
    if not said:
        return text
    letter, other = said.groups()
    taken = memory(other)
    if letter:  # as in "$m$ as Adam": nothing else of it
        taken = re.search(rf"\${letter} \\leftarrow[^$]+\$", taken)[0]
    return f"{taken} {text}"


# Matrices; the last ones are small, which shows what is remembered of the large ones.
GRADIENTS = (
    np.random.default_rng(15).normal(size=(20, 3, 2)) * np.repeat([1, 1e-3], [15, 5])[:, None, None]
)


@each_row
def test_the_formulas_of_a_row_are_the_rule(name):
    """With β₂ = 0.92 and ε = 0.1 it matters where ε stands and in which order Lion does things."""
    rule, wanted = RULES[name], {"lr": 0.1, "beta2": 0.92, "eps": 0.1, "weight_decay": 0.2}
    knobs = [field.name for field in fields(rule)]
    for knob in knobs:
        assert knob in SYMBOLS, f"write into SYMBOLS, above, which letter the sheet has for {knob}"
    opt = rule(**{knob: wanted[knob] for knob in knobs if knob in wanted})
    names = HELP | {SYMBOLS[knob]: getattr(opt, knob) for knob in knobs}
    printed = walk(memory(name), SHEET[name][2].strip("$"), names, GRADIENTS)
    begin = 4 if name == "RAdam" else 0
    np.testing.assert_allclose(
        printed[begin:],
        feed(opt, GRADIENTS, start=1.0)[begin:],
        rtol=1e-9,
        err_msg=f"the row {name} of the sheet is not the rule of optimizers.py",
    )


def test_radams_first_steps():
    said = re.search(r"while \$\\rho_t \\le (\d+)\$ the step is \$(.+?)\$", PAGE)
    names = HELP | {r"\eta": 0.1, r"\beta_1": 0.9, r"\beta_2": 0.999}
    lengths = [value(r"\rho_t", names | {"t": t}) for t in range(1, 20)]
    assert sum(length <= float(said[1]) for length in lengths) == 4
    printed = walk(memory("RAdam"), said[2], names, GRADIENTS[:4])
    np.testing.assert_allclose(printed, feed(RAdam(lr=0.1), GRADIENTS[:4]), rtol=1e-9)


class Counted(np.ndarray):
    """An array that counts the operations and the matrix products that it takes part in."""

    done = products = 0

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        Counted.done += 1
        Counted.products += ufunc is np.matmul
        if out:
            kwargs["out"] = tuple(np.asarray(part) for part in out)
        result = getattr(ufunc, method)(*[np.asarray(part) for part in inputs], **kwargs)
        return out[0] if out else result.view(Counted)

    def __array_function__(self, function, types, args, kwargs):
        Counted.done += 1  # np.where and the like, which are no ufuncs
        plain = [np.asarray(part) if isinstance(part, Counted) else part for part in args]
        return np.asarray(function(*plain, **kwargs)).view(Counted)


def count(rule):
    """How many array operations, and how many matrix products, a step of a rule takes.

    One step on a 4 by 3 matrix, not among the first ones. Applying it, x ← x + Δx, counts as one
    operation, shrinking x by a weight decay as another.
    """
    opt = rule()
    opt.t, Counted.done, Counted.products = 10, 0, 0
    opt.step(*[np.ones((4, 3)).view(Counted) for _ in range(1 + len(rule.memory))])
    shrinks = rule.shrink is not optimizers.Optimizer.shrink
    return Counted.done + 1 + shrinks, Counted.products


def test_count():
    assert [count(rule) for rule in (SGD, Momentum, Adam, AdamW)] == [
        (2, 0),
        (4, 0),
        (14, 0),
        (15, 0),
    ]
    assert count(RAdam) == (18, 0)  # np.where is an operation too
    assert count(Muon)[1] == 15


@each_row
def test_memory_and_passes_of_a_row(name):
    _, _, _, kept, passes, *_ = SHEET[name]
    operations, products = count(RULES[name])
    assert int(kept) == len(RULES[name].memory), f"{name} keeps {RULES[name].memory}"
    wanted = f"({products})" if products else str(operations)
    assert passes == wanted, f"write {wanted} passes into the row {name} of chapter 15"


def defaults(name):
    """What a row prints of a rule's defaults, with what it says is as in another row."""
    text = SHEET[name][5]
    base = re.search(r"as (\w+)", text)
    found = {key: float(number) for key, number in re.findall(r"`(\w+)=(.*?)`", text)}
    return (defaults(base[1]) if base else {}) | found


@each_row
def test_defaults_of_a_row(name):
    ours = {field.name: field.default for field in fields(RULES[name])}
    assert defaults(name) == {k: v for k, v in ours.items() if v or k != "weight_decay"}


@each_row
def test_a_row_links_the_notebook_where_its_rule_is_at_home(name):
    """The first that writes its class, or has its name in a heading."""
    own = rf"class {name}\(|## [^\"]*\b{name}\b"
    pages = sorted(NOTEBOOKS, key=lambda path: path.stem)  # a lesson's deeper pages beside it
    homes = [path for path in pages if re.search(own, path.read_text(encoding="utf-8"))]
    assert homes, f"no notebook writes the class {name} or has it in a heading"
    home = homes[0].relative_to(ROOT / "notebooks").as_posix()
    assert SHEET[name][0] == f"[{name}]({home})"


# The numbers of the course

GIVEN = definitions(section(PAGE, "The numbers of the course").partition("|")[0]) | HELP
GIVEN |= {r"\zeta": lambda s: -1.4603545}  # zeta(1/2), from a book of tables
ONE = np.ones(2000)
SPRING = quadratic(1, 1)  # its curvature is 1, so lr is ηλ


def largest(rule, about, on):
    """The largest lr, within 2 % of a guess, with which a rule does not leave for good."""
    rates = about * np.linspace(0.98, 1.02, 401)
    return rates[descend(rule(lr=rates), on, 1500).diverged < 0].max()


def share_left(rule):
    """The share of the distance that a step on the bowl leaves, from step 100 to 200."""
    distance = np.linalg.norm(descend(rule, bowl, 200).path, axis=-1)
    return (distance[200] / distance[100]) ** (1 / 100)


def best_rate():
    """The lr with which gradient descent ends lowest on the bowl."""
    rates = np.linspace(0.9, 1, 1001)
    return rates[descend(SGD(lr=rates), bowl, 400).f[-1].argmin()]


def steps_off_a_saddle():
    run = descend(SGD(lr=0.1), quadratic(1, -1), 200, start=(0.0, 1e-6))
    return np.argmax(abs(run.path[:, 1]) >= 1)


def longest_of_adam():
    """After a long silence: the correction is over, the memory is empty."""
    opt = Adam(lr=1)
    opt.t = 10**6
    return -feed(opt, (0.9 / 0.999) ** np.arange(400)[::-1], key="x")[-1]


def turned_over_straight():
    turned, straight = (descend(AdaGrad(lr=1.5), on, 30).f[-1] for on in (rotated_bowl(), bowl))
    return turned / straight


def rosenbrocks_condition():
    low, high = np.linalg.eigvalsh(rosenbrock.hessian(1.0, 1.0))
    return high / low


def back_at_the_start():
    """The ηλ at which a coordinate, times 1 − ηλ at each step, is back where it started."""
    u = np.geomspace(1e-3, 20, 200_001)
    return u[np.cumsum(np.log(abs(1 - u))) < 0].max()


RUNS = {  # number in the table: what a run gives
    "1.000": lambda: largest(SGD, 1, bowl),
    "0.95238": best_rate,
    "0.90476": lambda: share_left(SGD(lr=0.95238)),
    "1.15": lambda: -1 / np.log10(1 - 2 / 10_001) / 10_000,
    "145": steps_off_a_saddle,
    "0.183": lambda: descend(SGD(lr=0.3), bowl, 100, np.zeros((4000, 2)), noise=1).f[-1].mean(),
    "10.0": lambda: -feed(Momentum(lr=1), ONE)[-1],
    "3.8": lambda: largest(Momentum, 3.8, SPRING),
    "0.63451": lambda: share_left(Momentum(lr=1.33581, momentum=0.402605)),
    "1.357": lambda: largest(Nesterov, 1.357, SPRING),
    "0.7439": lambda: share_left(Nesterov(lr=0.655738, momentum=0.592263)),
    "1.9": lambda: -feed(Nesterov(lr=1), ONE)[0],
    "1.46": lambda: 2 * np.sqrt(2000) + feed(AdaGrad(lr=1), ONE).sum(),
    "3.162": lambda: -feed(RMSProp(lr=1), ONE)[0],
    "0.500": lambda: abs(descend(RMSProp(lr=0.1), bowl, 400).end[0]) / 0.1,
    "0.00447": lambda: -feed(Adadelta(), ONE)[0],
    "6.57": lambda: -feed(FaultyAdam(lr=1, correction="none"), ONE).min(),
    "7.27": longest_of_adam,
    "1.474": lambda: -feed(NAdam(lr=1), ONE)[0],
    "1.009": lambda: -feed(Adamax(lr=1), 0.999 ** np.arange(200)).min(),
    "0.0173": lambda: -feed(RAdam(lr=1), ONE)[4],
    "0.744": lambda: -feed(FaultyAdam(lr=1, first_t=2), ONE)[0],
    "0.0133": lambda: descend(SGD(lr=0.95), bowl, 30).f[-1],
    "0.0479": lambda: descend(Momentum(lr=0.1), bowl, 30).f[-1],
    "0.000722": lambda: descend(AdaGrad(lr=1.5), bowl, 30).f[-1],
    "0.102": lambda: descend(Adam(lr=0.3), bowl, 30).f[-1],
    "2508": rosenbrocks_condition,
    "195": turned_over_straight,
    "12.6": back_at_the_start,
    "1.54": lambda: np.random.default_rng(0).normal(size=(100_000, 10)).max(axis=1).mean(),
}
NUMBERS = {row[0]: row for row in table(PAGE, "number")}


@pytest.mark.parametrize("printed", NUMBERS)
def test_a_number(printed):
    """Its formula, or a run where there is none, gives each digit; a run agrees with a formula."""
    _, what, formula, _ = NUMBERS[printed]
    assert formula or printed in RUNS, f"{printed} needs a formula, or a run in RUNS, above"
    found = RUNS[printed]() if printed in RUNS else None
    if formula:
        promised = value(formula.strip("$"), GIVEN | definitions(what))
        assert found is None or found == pytest.approx(promised, rel=0.012), what
        found = promised
    digits = len(re.sub("e.*", "", printed).partition(".")[2])
    assert printed == f"{found:.{digits}{'e' if 'e' in printed else 'f'}}", what


def test_no_run_is_left_over():
    assert RUNS.keys() <= NUMBERS.keys(), "these are no longer in the table of numbers"


@each_row
def test_a_catch_quotes_numbers_of_the_table(name):
    for number in re.findall(r"\d\.\d+", SHEET[name][-1]):
        assert number in NUMBERS, f"{number}, in the row {name}, is not in the table of numbers"


# The advice


def equal(*numbers):
    return len(set(numbers)) == 1


ADVICE = section(PAGE, "Choosing an optimizer")
ITEMS = dict(re.findall(r"^(\d+)\. (.*)$", ADVICE, flags=re.MULTILINE))


def is_best(*found):
    """Are these the η and β of the formulas in the advice?"""
    formulas = re.findall(r"\$\\(?:eta|beta) = (.+?)\$", ADVICE)
    return np.allclose(found, [value(formula, GIVEN) for formula in formulas])


def far_apart(least, most):
    return most / least >= 100


def is_ahead(points, error):
    """Is a difference seen, and two thirds of a point?"""
    return points > 2 * error and round(3 * points) == 2


EVIDENCE = [  # number of the advice, notebook, what stands there, what is true of its numbers
    ("1", "02", r"bowl.*: at the origin after one step: predicted (\S+), measured (\S+):", equal),
    ("1", "02", r"saddle: at the origin after one step: predicted (\S+), measured (\S+):", equal),
    ("1", "02", r"n = 100: multiplications: predicted (\S+),", lambda n: round(n) == 100**3 // 3),
    ("2", "04", r"fastest: predicted \((\S+), (\S+)\)", is_best),
    ("2", "05", r"kinked: broken promises among \S+ predicted (\S+), measured (\S+):", equal),
    ("2", "05", r"heavy ball in the triangle: (\S+) %", lambda share: share > 0),
    ("3", "06", r"many rare: SGD with \S+ (\d+)[^$]+?rare: AdaGrad with \S+ (\d+)", np.greater),
    ("4", "09", r"without eps all (\d+) scales give one path", lambda scales: scales > 1),
    ("4", "10", r"AdamW: mean weight for σ.{,20}: predicted \((\S+), (\S+), (\S+)\)", equal),
    ("4", "12", r"first: .'AdaGrad': (\d+), 'Adam': (\d+), 'Nesterov': \d+", np.greater),
    ("4", "10c", r"rms of weights, five settings: (\d+) predicted values", lambda n: n == 5),
    ("4", "10c", r"Guess 10c.2: .* measured \((\d+), (\d+)\)", lambda a, b: a > 1000 > b > 100),
    ("5", "10c", r"RMSProp +(\d+) GB\n(?:.*\n)*Adam +(\d+) GB", lambda one, two: 2 * one == two),
    ("6", "13", r"RMSProp − SGD: (\S+) points, standard error (\S+)", is_ahead),
    ("6", "13", r"RMSProp − Lion: (\S+) points, standard error (\S+)", is_ahead),
    ("6", "13", r"best two: Muon (\S+) %, RMSProp (\S+) %", lambda a, b: abs(a - b) < 0.2),
    ("7", "13", r"best rates from (\S+) to (\S+),", far_apart),
    ("7", "11", r"SGD, constant: best mean f (\S+)\s+SGD, cosine: best mean f (\S+)", np.greater),
    ("7", "11", r"warm-up 0: (\d+)% stay[^$]+?Adam, warm-up 20: (\d+)% stay", np.less),
    ("8", "00", r"slope of Rosenbrock by a complex step: predicted (\S+), measured (\S+):", equal),
    ("8", "14", r"Momentum, lr halved: next step +ours (\S+) +PyTorch (\S+)", np.greater),
]


@pytest.mark.parametrize("item, chapter, pattern, true_of", EVIDENCE)
def test_an_advice_rests_on_what_a_notebook_says(item, chapter, pattern, true_of):
    path = page(chapter)
    assert f"]({path.name})" in ITEMS[item], f"advice {item} does not link chapter {chapter}"
    found = re.search(pattern, "\n".join(words(each, outputs=True) for each in with_deeper(path)))
    assert found, f"advice {item} of chapter 15 rests on this, which {path.name} no longer says"
    assert true_of(*map(float, found.groups())), f"advice {item} says otherwise than {found[0]}"


def test_every_advice_rests_on_something():
    assert ITEMS.keys() == {item for item, *_ in EVIDENCE}, "write what it rests on into EVIDENCE"


def test_what_the_advice_says_of_the_digits():
    """Paired over twenty splits, with the rates of advice 7; chosen on other splits."""
    best = {name: float(lr) for lr, name in re.findall(r"([\d.]+) for (\w+)", ITEMS["7"])}
    assert best.keys() == {"Lion", "Adam", "SGD"}
    best |= {"RMSProp": 0.02, "Muon": 0.02}
    right, learnt = {name: [] for name in best}, {name: [] for name in best}
    for split in range(20):
        train, test = digits(seed=split)
        for name, lr in best.items():
            how = {"batch": 64, "schedule": cosine}
            net, _ = train_many(RULES[name], [lr], [split], (64, 64, 10), *train, 300, **how)
            right[name].append(100 * net.accuracy(*test)[0])
            learnt[name].append(net.loss(*train)[0])
    ahead = {name: np.subtract(right["RMSProp"], right[name]) for name in best}
    assert ahead["Adam"].mean() > 0  # not behind
    assert 0.5 < ahead["Lion"].mean() < 0.8 and np.sum(ahead["Lion"] > 0) >= 14
    assert abs(ahead["Muon"].mean()) < 0.25 < ahead["SGD"].mean()
    assert all(np.less(learnt["Muon"], learnt[name]).all() for name in best if name != "Muon")


def test_the_advice_on_memory_names_all_rules():
    said = {}
    for clause in re.split(r"[;:.]", ITEMS["5"].partition("?")[2])[:4]:
        number = next(k for k, n in enumerate(("nothing", "one", "two", "three")) if n in clause)
        said |= {name: number for name in re.findall(r"\w+", clause) if name in RULES}
    for name, rule in RULES.items():
        assert said.get(name) == len(rule.memory), (
            f"advice 5 of chapter 15 must name {name} among those that keep {len(rule.memory)}"
        )


# Verbs, words and works


def linked(text):
    """The file of the notebook that a text links first."""
    return page(re.search(r"\[(\w+)\]", text)[1])


VERBS = [(v, row[-1]) for row in table(PAGE, "verb") for v in re.findall(r"`(\w+)\(", row[0])]


@pytest.mark.parametrize("verb, first_in", VERBS)
def test_a_verb_is_at_work_where_its_line_leads(verb, first_in):
    assert verb in lab.__all__ or hasattr(lab.races, verb), f"{verb} is not in lab"
    path = linked(first_in)
    assert re.search(rf"\b{verb}\(", path.read_text(encoding="utf-8")), f"not in {path.name}"


TERMS = {term: (*others, meaning) for term, meaning, *others in table(PAGE, "term")}


def test_terms_are_in_order():
    assert list(TERMS) == sorted(TERMS, key=str.lower)


@pytest.mark.parametrize("term", TERMS)
def test_a_term_is_used_where_its_link_leads(term):
    """And its columns are in the letters of their languages, which finds a slip of the columns."""
    korean, japanese, chinese, meaning = TERMS[term]
    path = linked(meaning)
    text = "\n".join(map(words, with_deeper(path)))
    assert re.search(rf"(?i)\b{term}".replace(" ", r"\s+"), text), f"not in {path.name}"
    assert re.fullmatch("[가-힣, ]+", korean)
    assert re.fullmatch("[ぁ-んァ-ヶー一-龠, ]+", japanese)
    assert re.fullmatch("(softmax )?[一-龠, ]+", chinese)


def test_the_glossary_agrees_with_the_table_of_chapter_00():
    for row in table(words(page("00")), "here"):
        term = row[0] if row[0] in TERMS else row[0].removesuffix("s")
        for there, here in zip(row[3:], TERMS[term]):
            assert there in here.split(", "), f"{term}: {there} in chapter 00, {here} in 15"


def listed():
    """{title: (the entry, the numbers of the notebooks that it names)} of the references."""
    works = {}
    for entry in re.findall(r"^- .*\*.*$", section(PAGE, "References"), flags=re.MULTILINE):
        body, _, chapters = entry.rpartition(": ")
        title = re.search(r"\*(.+?)\*", entry)[1]
        assert title not in works, f"{title} is listed twice"
        works[title] = entry, re.findall(r"\[(\w+)\]\(", chapters)
    return works


def test_arxiv_links_lead_where_they_say():
    for shown, target in re.findall(r"\[arXiv:(.*?)\]\(https://arxiv.org/abs/(.*?)\)", PAGE):
        assert shown == target


def test_each_work_is_cited_in_just_the_notebooks_that_it_names():
    works = listed()
    citing = {title: [] for title in works}
    for path in NOTEBOOKS:
        chapter = path.stem.partition("_")[0]
        for line in re.findall(r"^References: (.*)$", words(path), flags=re.MULTILINE):
            for title, after in re.findall(r"\*(.+?)\*([^*]*)", line):
                full = next((full for full in works if full.startswith(title)), None)
                assert full, f"chapter {chapter} cites {title}: add it to chapter 15's references"
                citing[full].append(chapter)
                number = re.match(r"[^.]*, arXiv:([\d.]+\d)", after)
                assert not number or number[1] in works[full][0], f"{title}: {number[1]} is missing"
    for title, (_, chapters) in works.items():
        found = sorted(
            set(citing[title]), key=[path.stem.partition("_")[0] for path in NOTEBOOKS].index
        )
        assert chapters == found, f"{title}: listed for {chapters}, cited {found}"


# The tools


def test_words_section_and_table(tmp_path):
    cells = [
        {"cell_type": "markdown", "source": ["# A\n", "\n## B\n\n| x | y |\n|-|-|\n| 1 | 2 |"]},
        {"cell_type": "code", "source": ["print(3)"], "outputs": [{"text": ["3\n"]}, {"data": {}}]},
        {"cell_type": "markdown", "source": ["last\n\n## C\n\nno"]},
    ]
    path = tmp_path / "10b_more.ipynb"
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    text = words(path)
    assert table(text, "x") == [["1", "2"]]
    assert "3" not in text and "3\n" in words(path, outputs=True)
    assert section(text, "B").endswith("last\n") and section(text, "nowhere") == ""
    assert page("10").name == "10_after_adam.ipynb" and page("10b").name == "10b_norms.ipynb"
