"""Write down as JavaScript what a rule and a landscape compute, by letting them compute it.

A rule's `step` and a landscape's value and slope are run once with symbols in the place of numbers.
What they do to the symbols is a list of assignments, which a browser can repeat: so it takes steps
of the very rules of optimizers.py, or of a reader's own, without asking a kernel, and nobody has
written them twice. What asks for more than arithmetic, such as the truth of a symbol, cannot be
written down: then a live picture asks the kernel. program.js runs what is written here.
"""

import copy
import inspect
from functools import reduce

import numpy as np

from optimizers import Optimizer

from ..descent import FAR, STEEP

INFIX = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}
INFIX |= {"greater": ">", "greater_equal": ">=", "less": "<", "less_equal": "<="}
CALLS = {"sqrt": "sqrt", "absolute": "abs", "sign": "sign", "maximum": "max", "minimum": "min"}
CALLS |= {name: name for name in ("exp", "log", "log1p", "expm1", "floor", "ceil", "hypot")}
CALLS |= {name: name for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")}
CALLS |= {"power": "pow", "float_power": "pow", "arctan2": "atan2", "arctan": "atan"}


# The derivatives of an operation by each of its inputs, z being what comes out: of those that take
# complex numbers, or else a slope is made by differences, which can be written down. Which of two
# inputs is what comes out. And what has no slope.
PARTIALS = {
    "copy": lambda z, a: [1.0],
    "negative": lambda z, a: [-1.0],
    "add": lambda z, a, b: [1.0, 1.0],
    "subtract": lambda z, a, b: [1.0, -1.0],
    "multiply": lambda z, a, b: [b, a],
    "divide": lambda z, a, b: [1 / b, -z / b],
    "square": lambda z, a: [2 * a],
    "sqrt": lambda z, a: [0.5 / z],
    "exp": lambda z, a: [z],
    "expm1": lambda z, a: [z + 1],
    "log": lambda z, a: [1 / a],
    "log1p": lambda z, a: [1 / (1 + a)],
    "power": lambda z, a, b: [b * np.power(a, b - 1), np.log(a) * z],
    "float_power": lambda z, a, b: [b * np.power(a, b - 1), np.log(a) * z],
    "sin": lambda z, a: [np.cos(a)],
    "cos": lambda z, a: [-np.sin(a)],
    "tan": lambda z, a: [1 + z * z],
    "sinh": lambda z, a: [np.cosh(a)],
    "cosh": lambda z, a: [np.sinh(a)],
    "tanh": lambda z, a: [1 - z * z],
    "arctan": lambda z, a: [1 / (1 + a * a)],
}
BRANCHES = {
    "where": lambda condition, a, b: condition,
    "maximum": lambda a, b: a >= b,
    "minimum": lambda a, b: a <= b,
}
LEVEL = {"greater", "greater_equal", "less", "less_equal"}


class Untraceable(TypeError):
    """What is computed is not plain arithmetic."""


class Symbol:
    """Stands for a number. Changed in place, it stands for another, as an array would."""

    def __init__(self, tape, name):
        self.tape, self.name = tape, name

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **more):
        if method != "__call__" or any(key != "casting" for key in more):
            raise Untraceable(f"{ufunc.__name__} with {method} {more}")
        result = self.tape.write(ufunc.__name__, inputs)
        if out is None:
            return result
        (target,) = out
        target.name = result.name
        return target

    def __array_function__(self, function, types, args, kwargs):
        if function is np.where and len(args) == 3:
            return self.tape.write("where", args)
        if function is np.zeros_like:
            return 0.0
        raise Untraceable(function.__name__)

    def __getitem__(self, key):
        _check_whole(key)
        return self

    def __setitem__(self, key, value):
        _check_whole(key)
        self.name = self.tape.write("copy", [value]).name

    def __pow__(self, power):
        square = isinstance(power, (int, float)) and power == 2  # as NumPy has it
        return np.square(self) if square else np.power(self, power)

    def __bool__(self):
        raise Untraceable("a symbol is neither true nor false")

    def __eq__(self, other):  # it would be False of any number, and nobody would be told
        raise Untraceable("a symbol is compared for equality")

    def __neg__(self):
        return np.negative(self)

    def __abs__(self):
        return np.absolute(self)

    def __rpow__(self, base):
        return np.power(base, self)


def _check_whole(key):
    """Raise unless a[key] is all of an array that has no axes, or might have some."""
    if isinstance(key, Symbol) or key not in ((), ..., slice(None)):
        raise Untraceable("a part of a symbol")


def _binary(symbol, ufunc):
    setattr(Symbol, f"__{symbol}__", lambda self, other: ufunc(self, other))
    setattr(Symbol, f"__r{symbol}__", lambda self, other: ufunc(other, self))
    setattr(Symbol, f"__i{symbol}__", lambda self, other: ufunc(self, other, out=self))


for _symbol, _ufunc in {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "truediv": np.divide,
}.items():
    _binary(_symbol, _ufunc)
for _symbol, _ufunc in {
    "gt": np.greater,
    "ge": np.greater_equal,
    "lt": np.less,
    "le": np.less_equal,
}.items():
    setattr(Symbol, f"__{_symbol}__", lambda self, other, ufunc=_ufunc: ufunc(self, other))


class Tape:
    """The assignments, in order."""

    def __init__(self):
        self.lines, self.steps = [], []  # as JavaScript; as (result, operation, inputs)

    def write(self, operation, inputs):
        """Write down one operation, and return the symbol of what comes out."""
        inputs = [Symbol(self, v.name) if isinstance(v, Symbol) else v for v in inputs]
        terms = [_term(value) for value in inputs]
        if operation == "copy":
            (text,) = terms
        elif operation == "negative":
            text = f"-{terms[0]}"
        elif operation == "square":
            text = f"{terms[0]}*{terms[0]}"
        elif operation == "where":
            text = "{}?{}:{}".format(*terms)
        elif operation == "logaddexp":
            text = "Math.max({0},{1})+Math.log1p(Math.exp(-Math.abs({0}-{1})))".format(*terms)
        elif operation in INFIX:
            text = INFIX[operation].join(terms)
        elif operation in CALLS:
            text = f"Math.{CALLS[operation]}({','.join(terms)})"
        else:
            raise Untraceable(operation)
        name = f"a{len(self.lines)}"
        self.lines.append(f"const {name}={text};")
        self.steps.append((name, operation, inputs))
        return Symbol(self, name)

    def derivative(self, value, variable, steps):
        """Write down the derivative of a symbol: the chain rule along the steps that led to it."""
        rates = {variable.name: 1.0}  # of all that depends on the variable
        for name, operation, inputs in steps:
            names = [getattr(v, "name", None) for v in inputs]
            if operation in LEVEL or not rates.keys() & {*names}:
                continue
            if operation in BRANCHES:  # a product would bring in what the other branch is
                first = BRANCHES[operation](*inputs)
                rates[name] = np.where(first, *[rates.get(each, 0.0) for each in names[-2:]])
            else:
                partials = zip(names, PARTIALS[operation](Symbol(self, name), *inputs))
                parts = [part * rates[each] for each, part in partials if each in rates]
                rates[name] = reduce(np.add, parts)
        return rates.get(value.name, 0.0)

    def body(self, *ends):
        """Return the body of a function: all assignments, and then what is done with results."""
        return "".join([*self.lines, *(f"{end};" for end in ends)])


def _term(value):
    """Return a symbol or a number as JavaScript."""
    if isinstance(value, Symbol):
        return value.name
    number = float(value)  # raises for an array
    if np.isfinite(number):
        return repr(number) if number >= 0 else f"({number!r})"
    return "NaN" if np.isnan(number) else f"({'-' if number < 0 else ''}Infinity)"


def program(rules, maps, formulas=(), **more):
    """Return what program.js needs to run these rules on these landscapes, or None.

    formulas: functions (x, y) → number of a picture's own. None: something asks for more than
    arithmetic, so that a kernel has to be asked.
    """
    try:
        return {
            "rules": [rule_program(rule) for rule in rules],
            "maps": [map_program(on) for on in maps],
            "formulas": [formula_program(formula) for formula in formulas],
            "far": FAR,
            "steep": STEEP,
            **more,
        }
    except Exception:  # a rule or a landscape of a reader's own may raise anything
        return None


def rule_program(rule):
    """Return a rule for the browser.

    Its step changes s, the number and then its memory, given the gradient g, the knobs k and t.
    """
    rule, tape = copy.deepcopy(rule), Tape()
    if not rule.elementwise or type(rule).update is not Optimizer.update:
        raise Untraceable("not each number by itself, or a loop of its own")
    knobs = list(rule.knobs)
    for k, name in enumerate(knobs):
        vars(rule)[name] = Symbol(tape, f"k[{k}]")
    vars(rule)["t"] = Symbol(tape, "t")
    own = _names(rule)
    x, *memory = (Symbol(tape, f"s[{k}]") for k in range(1 + len(rule.memory)))
    step = inspect.unwrap(type(rule).step)  # without the check that it returns numbers
    delta = step(rule, Symbol(tape, "g"), *memory)
    rule.shrink(x)
    x += delta
    if _names(rule) != own:
        raise Untraceable("it remembers more than its memory")
    return {
        "step": tape.body(*(f"s[{k}]={_term(value)}" for k, value in enumerate([x, *memory]))),
        "memory": len(memory),
        "knobs": knobs,
        "ranges": [
            [words, least, _json(below)] for words, least, below in map(rule.ranges.get, knobs)
        ],
    }


def _names(rule):
    """Return what an object holds, symbols by the names that they have now."""
    return {name: getattr(value, "name", id(value)) for name, value in vars(rule).items()}


def map_program(on):
    """Return a landscape for the browser. Its body writes o = [f, ∂f/∂x, ∂f/∂y] at (x, y)."""
    try:
        tape, values = _with_slope(on.value, on.slope)
    except Exception:  # a slope that was made of the value, by a complex step for instance
        tape, values = _with_slope(on.value)
    return {
        "body": tape.body(*(f"o[{k}]={_term(value)}" for k, value in enumerate(values))),
        "start": [float(part) for part in on.start],
        "view": [[float(end) for end in side] for side in on.view],
        "least": float(on.least),
    }


def _with_slope(value, slope=None):
    """Return a tape, and on it f and its two derivatives: as `slope` has them, or else derived."""
    tape = Tape()
    point = [Symbol(tape, name) for name in "xy"]
    f = value(*point)
    steps = list(tape.steps)
    derived = (tape.derivative(f, each, steps) for each in point)
    return tape, [f, *(slope(*point) if slope else derived)]


def formula_program(formula):
    """Return a function of two numbers for the browser."""
    tape = Tape()
    return tape.body(f"return {_term(formula(Symbol(tape, 'x'), Symbol(tape, 'y')))}")


def _json(number):
    return None if np.isinf(number) else float(number)
