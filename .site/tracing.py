"""Write down as JavaScript what a rule and a landscape compute, by letting them compute it.

A rule's `step` and a landscape's value and slope are run once with symbols in the place of numbers.
What they do to the symbols is a list of assignments, which a page can repeat: so it takes steps of
the very rules of optimizers.py, and nobody has written them twice. What asks for more than
arithmetic, such as the truth of a symbol, cannot be written down: then a page shows what it was
given, and says that the rest needs the notebook.

The kernel that runs a notebook for the site imports this and calls `install()`.
"""

import copy
import inspect
import itertools

import numpy as np

INFIX = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}
INFIX |= {"greater": ">", "greater_equal": ">=", "less": "<", "less_equal": "<="}
CALLS = {"sqrt": "sqrt", "absolute": "abs", "sign": "sign", "maximum": "max", "minimum": "min"}
CALLS |= {name: name for name in ("exp", "log", "sin", "cos", "tanh", "floor", "log1p", "expm1")}
CALLS |= {"power": "pow", "float_power": "pow", "arctan2": "atan2", "arctan": "atan"}


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

    def __pow__(self, power):
        if isinstance(power, int) and power in (2, 3):
            return self * self if power == 2 else self * self * self
        return np.power(self, power)

    def __bool__(self):
        raise Untraceable("a symbol is neither true nor false")

    def __neg__(self):
        return np.negative(self)

    def __abs__(self):
        return np.absolute(self)

    def __rpow__(self, base):
        return np.power(base, self)


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
        self.lines, self.count = [], itertools.count()

    def write(self, operation, inputs):
        """Write down one operation, and return the symbol of what comes out."""
        terms = [_term(value) for value in inputs]
        if operation == "negative":
            text = f"-{terms[0]}"
        elif operation == "square":
            text = f"{terms[0]}*{terms[0]}"
        elif operation == "where":
            text = "{}?{}:{}".format(*terms)
        elif operation in INFIX:
            text = INFIX[operation].join(terms)
        elif operation in CALLS:
            text = f"Math.{CALLS[operation]}({','.join(terms)})"
        else:
            raise Untraceable(operation)
        name = f"a{next(self.count)}"
        self.lines.append(f"const {name}={text};")
        return Symbol(self, name)

    def body(self, **results):
        """Return the body of a function: all assignments, and then where results go."""
        ends = [f"{place}={_term(value)};" for place, value in results.items()]
        return "".join([*self.lines, *ends])


def _term(value):
    """Return a symbol or a number as JavaScript."""
    if isinstance(value, Symbol):
        return value.name
    number = float(value)  # raises for an array
    if np.isfinite(number):
        return repr(number) if number >= 0 else f"({number!r})"
    return "NaN" if np.isnan(number) else f"({'-' if number < 0 else ''}Infinity)"


def rule_program(rule):
    """Return a rule for the page. Its step gets s, the number and its memory, g, k (knobs), t."""
    rule, tape = copy.deepcopy(rule), Tape()
    if not rule.elementwise or type(rule).update is not _base(rule).update:
        raise Untraceable("not each number by itself, or a loop of its own")
    knobs = list(rule.knobs)
    for k, name in enumerate(knobs):
        vars(rule)[name] = Symbol(tape, f"k[{k}]")
    vars(rule)["t"] = Symbol(tape, "t")
    x, *memory = (Symbol(tape, f"s[{k}]") for k in range(1 + len(rule.memory)))
    step = inspect.unwrap(type(rule).step)  # without the check that it returns numbers
    delta = step(rule, Symbol(tape, "g"), *memory)
    delta = Symbol(tape, _term(delta))  # it may be the memory itself
    rule.shrink(x)
    x += delta
    ends = {f"s[{k}]": value for k, value in enumerate([x, *memory])}
    return {
        "step": tape.body(**ends),
        "memory": len(memory),
        "knobs": knobs,
        "ranges": [[words, least, _json(below)] for words, least, below in _ranges(rule)],
    }


def _base(rule):
    return next(cls for cls in type(rule).__mro__ if cls.__name__ == "Optimizer")


def _ranges(rule):
    return [rule._ranges[name] for name in rule.knobs]


def _json(number):
    return None if np.isinf(number) else float(number)


def map_program(on):
    """Return a landscape for the page. Its body writes o = [f, ∂f/∂x, ∂f/∂y] at (x, y)."""
    tape = Tape()
    x, y = Symbol(tape, "x"), Symbol(tape, "y")
    value, (gx, gy) = on.value(x, y), on.slope(x, y)
    return {
        "body": tape.body(**{"o[0]": value, "o[1]": gx, "o[2]": gy}),
        "start": [float(part) for part in on.start],
        "view": [[float(end) for end in side] for side in on.view],
        "least": float(on.least),
    }


def stage_program(stage):
    return {
        "kind": "stage",
        "rules": [rule_program(rule) for rule in stage._rules],
        "maps": [map_program(on) for on in stage._maps],
        "turns": stage._turns,
    }


def plane_program(plane):
    predicted = None
    if plane._predicted:
        x, y = (np.array(slider.values) for slider in plane._sliders)
        predicted = [
            np.round(np.broadcast_to(formula(x, y[:, None]), (len(y), len(x))), 4).ravel().tolist()
            for formula in plane._predicted
        ]
    start = plane._on.start if plane._start is None else plane._start
    return {
        "kind": "plane",
        "rules": [rule_program(rule) for rule in plane._optimizers],
        "defaults": [list(rule.knobs.values()) for rule in plane._optimizers],
        "maps": [{**map_program(plane._on), "start": list(start)}],
        "predicted": predicted,
    }


def injector_program(injector):
    first = injector.scene["first"]
    choices = [range(len(switch.values)) for switch in injector._switches]
    names = [switch.name for switch in injector._switches]
    faulty = {
        ",".join(map(str, chosen)): rule_program(
            injector._rules({**first, **dict(zip(names, chosen))})[1]
        )["step"]
        for chosen in itertools.product(*choices)
    }
    on = injector._on
    start = on.start if injector._start is None else injector._start
    return {
        "kind": "injector",
        "rules": [rule_program(injector._rules(first)[0])],
        "faulty": faulty,
        "switches": names,
        "maps": [{**map_program(on), "start": list(start)}],
    }


PROGRAMS = {"Stage": stage_program, "Plane": plane_program, "Injector": injector_program}


def install():
    """Let every picture that asks a kernel carry a program that answers in its place."""
    from lab.live.widget import Asking

    begin = Asking.__init__

    def __init__(self, scene, settings):
        begin(self, scene, settings)
        try:
            program = PROGRAMS[type(self).__name__](self)
        except (KeyError, TypeError, ValueError) as reason:
            print(f"no program for {type(self).__name__}: {reason!r}")
        else:
            self.scene = {**self.scene, "program": program}

    Asking.__init__ = __init__
