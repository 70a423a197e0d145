r"""What the back matter checks itself with: it reads pages, works out formulas, counts operations.

pages()                                        # {"00": path, …, "10b": path, …}, every notebook
page = words(pages()["09"], outputs=True)      # what a notebook says, and what its cells printed
table(page, "rule")                            # the rows of its table that begins with this column
value(r"1/\sqrt{1-\rho}", {r"\rho": 0.9})      # what a formula says: 3.1622…
walk(row, names, gradients)                    # the steps of a rule that is given by formulas
count(Adam)                                    # operations and matrix products of one step
"""

import json
import re
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent.parent
TOKEN = re.compile(r"\\[A-Za-z]+|\d+(?:\.\d+)?|\S")
SILENT = re.compile(r"\\[,;!]|\\(?:left|right|limits)(?![A-Za-z])")  # spaces and sizes
FUNCTIONS = {r"\sqrt": np.sqrt, r"\ln": np.log}
GIVEN = {r"\max": np.maximum, r"\pi": np.pi}
ENDS = ("", "+", "-", ",", ")", "}", "/", r"\rvert")  # what cannot begin a factor


def pages():
    """Return {number: path} of all notebooks, such as {"09": …, "10": …, "10b": …}, in order."""
    return {path.stem.partition("_")[0]: path for path in sorted(FOLDER.glob("[01][0-9]*_*.ipynb"))}


def words(path, outputs=False):
    """Return the text of a notebook; with outputs=True also what its cells printed."""
    cells = json.loads(Path(path).read_text(encoding="utf-8"))["cells"]
    parts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    if outputs:
        parts += ["".join(out.get("text", "")) for c in cells for out in c.get("outputs", [])]
    return "\n\n".join(parts)


def section(page, title):
    """Return the part of a page below a heading of the second level, up to the next one."""
    return page.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def table(page, first):
    """Return the rows, as lists of cells, of the table whose first column has this title."""
    lines = page[page.index(f"\n| {first} |") :].strip().split("\n\n")[0].splitlines()
    return [[part.strip() for part in line.strip()[1:-1].split("|")] for line in lines[2:]]


def definitions(text):
    r"""Return {symbol: formula} of the `$symbol = formula$` in a text, as for \hat m = …"""
    return {k.replace(" ", ""): v for k, v in re.findall(r"\$([^$=]+?) = ([^$=]+)\$", text)}


def value(formula, names):
    r"""Return what a formula in LaTeX says.

    names: {symbol: value}, such as {"g": 1.0, r"\hatm": 0.5, r"\beta_1": 0.9}, written without
    spaces. A value is a number, an array, a function, or another formula (a string), which is
    worked out with the same names. Known are + − · / ^, brackets, \sqrt, \ln, \max and
    \lvert … \rvert. A slash divides by the one factor that follows it.
    Raises ValueError for anything else.
    """
    reader = _Reader(formula, names)
    result = reader.sum()
    if reader.next:
        raise ValueError(f"cannot read {reader.next} in {formula}")
    return result


class _Reader:
    """Reads a formula from left to right; each method takes what it is named after."""

    def __init__(self, formula, names):
        self.formula, self.names = formula, GIVEN | names
        self.tokens = TOKEN.findall(SILENT.sub(" ", formula))

    @property
    def next(self):
        return self.tokens[0] if self.tokens else ""

    def take(self, wanted=None):
        if not self.tokens or wanted not in (None, self.next):
            raise ValueError(f"expected {wanted or 'more'} in {self.formula}")
        return self.tokens.pop(0)

    def sum(self):
        sign = self.take() if self.next in ("+", "-") else "+"
        total = self.product() if sign == "+" else -self.product()
        while self.next in ("+", "-"):
            sign = self.take()
            total = total + self.product() if sign == "+" else total - self.product()
        return total

    def product(self):
        result = self.factor()
        while self.next == "/" or self.next not in ENDS:
            if self.next == "/":
                self.take()
                result = result / self.factor()
            else:
                if self.next == r"\cdot":
                    self.take()
                result = result * self.factor()
        return result

    def factor(self):
        base = self.atom()
        if self.next != "^":
            return base
        self.take()
        return base ** self.argument()

    def argument(self):
        """What follows ^ or \\sqrt: {several things}, or one."""
        return self.bracket("{", "}") if self.next == "{" else self.atom()

    def bracket(self, first, last):
        self.take(first)
        inner = self.sum()
        self.take(last)
        return inner

    def atom(self):
        if self.next in ("(", "{"):
            return self.bracket(self.next, {"(": ")", "{": "}"}[self.next])
        if self.next == r"\lvert":
            return abs(self.bracket(r"\lvert", r"\rvert"))
        if self.next[:1].isdigit():
            return float(self.take())
        if self.next in FUNCTIONS:
            function = FUNCTIONS[self.take()]
            return function(self.argument() if function is np.sqrt else self.factor())
        found = self.symbol()
        if callable(found):
            self.take("(")
            inputs = [self.sum()]
            while self.next == ",":
                self.take()
                inputs.append(self.sum())
            self.take(")")
            return found(*inputs)
        return found

    def symbol(self):
        """A letter, with its accent and its index, looked up in the names."""
        name = self.take()
        if name in (r"\hat", r"\bar", r"\mathrm"):
            name += self.letters()
        if self.next == "_":
            name += self.take() + self.letters()
        if name not in self.names:
            raise ValueError(f"{name} in {self.formula} is not among {', '.join(self.names)}")
        found = self.names[name]
        return value(found, self.names) if isinstance(found, str) else found

    def letters(self):
        if self.next != "{":
            return self.take()
        self.take()
        inner = ""
        while self.next != "}":
            inner += self.take()
        self.take()
        return inner


def walk(memory, step, names, gradients, start=1.0):
    r"""Return the steps of a rule that is given by formulas, as `feed` returns those of a class.

    memory: text with `$h \leftarrow …$`, done in this order before the step; what stands behind
    the word "after" is done after it. An $x \leftarrow …$ among them moves the parameter, which is
    at `start` before each step. step: the formula of Δx. Letters not in names begin at 0.
    """
    before, _, after = memory.partition("after")
    arrow = r"\$(\w) \\leftarrow ([^$]+)\$"
    now = {letter: np.zeros_like(gradients[0]) for letter, _ in re.findall(arrow, memory)} | names
    steps = []
    with np.errstate(invalid="ignore"):  # a root of a negative number is NaN, as in RAdam's r
        for t, g in enumerate(gradients, 1):
            now |= {"t": t, "g": g, "x": np.full_like(g, start)}
            for letter, formula in re.findall(arrow, before):
                now[letter] = value(formula, now)
            steps.append(now["x"] - start + value(step, now))
            for letter, formula in re.findall(arrow, after):
                now[letter] = value(formula, now)
    return np.array(steps)


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
    """Return how many array operations, and how many matrix products, a step of a rule takes.

    One step on a 4 by 3 matrix, not among the first ones. Applying it, x ← x + Δx, counts as one
    operation, shrinking x by a weight decay as another.
    """
    opt = rule()
    opt.t, Counted.done, Counted.products = 10, 0, 0
    opt.step(*[np.ones((4, 3)).view(Counted) for _ in range(1 + len(rule.memory))])
    return Counted.done + 1 + ("weight_decay" in rule.__dataclass_fields__), Counted.products
