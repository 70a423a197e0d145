r"""The repository's one reader of formulas: what is printed in LaTeX, as numbers.

value(r"1/\sqrt{1-\rho}", {r"\rho": 0.9})      # what a formula says: 3.1622…
definitions(text)                              # the `$symbol = formula$` of a text, by symbol
walk(memory, step, names, gradients)           # the steps of a rule that is given by formulas
"""

import re

import numpy as np

TOKEN = re.compile(r"\\[A-Za-z]+|\d+(?:\.\d+)?|\S")
SILENT = re.compile(r"\\[,;!]|\\(?:left|right|limits)(?![A-Za-z])")  # spaces and sizes
FUNCTIONS = {r"\ln": np.log, r"\cos": np.cos}
GIVEN = {r"\max": np.maximum, r"\pi": np.pi, "e": np.e}
ENDS = ("", "+", "-", ",", ")", "}", "/", r"\rvert")  # what cannot begin a factor


def definitions(text):
    r"""Return {symbol: formula} of the `$symbol = formula$` in a text, as for \hat m = …"""
    return {k.replace(" ", ""): v for k, v in re.findall(r"\$([^$=]+?) = ([^$=]+)\$", text)}


def value(formula, names):
    r"""Return what a formula in LaTeX says.

    names: {symbol: value}, such as {"g": 1.0, r"\hatm": 0.5, r"\beta_1": 0.9}, written without
    spaces. A value is a number, an array, a function, or another formula (a string), which is
    worked out with the same names. Known are + − · / ^, brackets, \frac, \sqrt, \ln, \cos, \max
    and \lvert … \rvert. A slash divides by the one factor that follows it. \ln and \cos take the
    brackets that follow, or all factors up to the next sign, slash, bracket or function.
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

    def operand(self):
        r"""What follows \ln or \cos: brackets, or the factors of \cos 2\pi x."""
        bracketed, inner = self.next == "(", self.factor()
        while not bracketed and self.next not in (*ENDS, r"\cdot", "(", r"\lvert", *FUNCTIONS):
            inner = inner * self.factor()
        return inner

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
        if self.next == r"\frac":
            self.take()
            return self.bracket("{", "}") / self.bracket("{", "}")
        if self.next == r"\sqrt":
            self.take()
            return np.sqrt(self.argument())
        if self.next in FUNCTIONS:
            return FUNCTIONS[self.take()](self.operand())
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
