"""`build` names the slips of the catalogue, and accuses nothing that is right.

The faulty rules are written out here, as people write them, not by the changes of text with which
`build` looks for them.
"""

import math
import re
import sys
import time

import numpy as np
import pytest
from lab import bowl, build, descend
from lab.descent import rule_of
from lab.dialects import (
    FAULTS,
    RIGHT,
    EMAMomentum,
    KerasAdam,
    LateNesterov,
    TorchMomentum,
    TorchNesterov,
    as_array,
    as_function,
)
from lab.exercises import slips, trial
from lab.exercises.build import RULES, judge
from lab.exercises.schedules import SCHEDULES

import optimizers
from optimizers import Optimizer

each_rule = pytest.mark.parametrize("name", RULES)


def written(name, *lines, **more):
    """A reader's subclass of Optimizer: the rule's own knobs and memory, and this `step`."""
    rule, memory = RULES[name], more.pop("memory", RULES[name].memory)
    head = ", ".join(("self", "g", *memory))
    text = f"def step({head}):\n" + "".join(f"    {line}\n" for line in lines)
    space = {"np": np, "orthogonal": optimizers.orthogonal}
    exec(text, space)
    knobs = {field: f.default for field, f in rule.__dataclass_fields__.items()}
    body = {"__annotations__": dict.fromkeys(knobs, float), **knobs, "memory": memory}
    if hasattr(rule, "weight_decay"):
        body["shrink"] = more.pop("shrink", rule.shrink)
    body["elementwise"] = rule.elementwise
    return type("Mine", (Optimizer,), {**body, "step": space["step"], **more})


ADAM = ["m *= self.beta1", "m += (1 - self.beta1) * g", "v *= self.beta2"]
ADAM += ["v += (1 - self.beta2) * g * g"]
BOTH = ["a = m / (1 - self.beta1**self.t)", "b = v / (1 - self.beta2**self.t)"]
END = "return -self.lr * a / (np.sqrt(b) + self.eps)"
KEEP, MAX_END = "np.maximum(w, v, out=w)", "return -self.lr * m / (np.sqrt(w) + self.eps)"
RMS = ["h *= self.rho", "h += (1 - self.rho) * g**2"]
RMS_END = "return -self.lr * g / (np.sqrt(h) + self.eps)"
DELTA = ["h *= self.rho", "h += (1 - self.rho) * g * g"]
DELTA += ["s = -np.sqrt(d + self.eps) / np.sqrt(h + self.eps) * g"]
DELTA_END = ["d *= self.rho", "d += (1 - self.rho) * s * s", "return self.lr * s"]
LION = ["s = np.sign(self.beta1 * m + (1 - self.beta1) * g)"]
LION_END = ["m *= self.beta2", "m += (1 - self.beta2) * g", "return -self.lr * s"]

MUON = ["v *= self.momentum", "v += g"]
AHEAD = ["ahead = g + self.momentum * v", "rows, columns = ahead.shape"]
MUON_END = [
    "scale = np.sqrt(max(1, rows / columns))",
    "return -self.lr * scale * orthogonal(ahead)",
]

WRONG = [
    ("SGD", ["return self.lr * g"], "uphill"),
    ("SGD", ["return -g"], "lr is left out"),
    ("SGD", ["return -self.lr**2 * g"], "lr is multiplied twice"),
    ("SGD", ["return g"], "lr is left out|sign is turned"),
    ("Momentum", ["v = self.momentum * v - self.lr * g", "return v"], "makes another array"),
    ("Momentum", ["v *= self.momentum", "v += self.lr * g", "return v"], "sign is turned"),
    ("Momentum", ["v *= self.momentum", "v -= g", "return v"], "lr is left out"),
    ("Momentum", ["v *= self.momentum", "v -= g", "return self.lr**2 * v"], "lr"),
    (
        "Momentum",
        ["v *= self.momentum", "v += (1 - self.momentum) * g", "return -self.lr * v"],
        "form of a mean",
    ),
    (
        "Momentum",
        ["old = v.copy()", "v *= self.momentum", "v -= self.lr * g", "return old"],
        "v is updated after it is used",
    ),
    ("Momentum", ["v -= self.lr * g", "return v"], "never forgets"),
    (
        "Momentum",
        ["v *= self.momentum", "v -= self.lr * g", "return self.lr * v"],
        "lr is multiplied twice",
    ),
    (
        "Nesterov",
        [
            "v *= self.momentum",
            "v -= self.lr * g",
            "b = self.momentum",
            "return b * b * v - (1 + b) * self.lr * g",
        ],
        "v is updated before it is used",
    ),
    ("Nesterov", ["v *= self.momentum", "v -= self.lr * g", "return v"], "this is Momentum"),
    ("Nesterov", ["return self.momentum * v - self.lr * g"], "stays 0"),
    ("Nesterov", ["v *= self.momentum", "v -= self.lr * g", "return 0.9 * v - self.lr * g"],
     "0.9, the default, is typed where self.momentum"),
    ("AdaGrad", ["h += g * g", "return -self.lr * g / (np.sqrt(h) + 1e-7)"], "1e-07, the default"),
    (
        "Nesterov",
        ["v = self.momentum * v - self.lr * g", "return self.momentum * v - self.lr * g"],
        "makes another array",
    ),
    (
        "Nesterov",
        ["v *= self.momentum", "v -= self.lr * g", "return v + self.momentum * v"],
        r"v \+ βv",
    ),
    ("AdaGrad", ["h += g * g", "return self.lr * g / (np.sqrt(h) + self.eps)"], "uphill"),
    ("AdaGrad", ["h += g * g", "return -g / (np.sqrt(h) + self.eps)"], "lr is left out"),
    ("AdaGrad", ["h = h + g * g", "return -self.lr * g / (np.sqrt(h) + self.eps)"], "forgotten"),
    ("AdaGrad", ["h += abs(g)", "return -self.lr * g / (np.sqrt(h) + self.eps)"], "not squared"),
    ("AdaGrad", ["h += g", "return -self.lr * g / (np.sqrt(h) + self.eps)"], "not squared"),
    ("AdaGrad", ["h += g * g", "return -self.lr * g / (h + self.eps)"], "square root of h"),
    ("AdaGrad", ["h += g * g", "return -self.lr * g / np.sqrt(h + self.eps)"], "inside the root"),
    (
        "AdaGrad",
        ["h += g * g", "return -self.lr * g * (np.sqrt(h) + self.eps)"],
        "multiplied by the root",
    ),
    (
        "AdaGrad",
        ["s = -self.lr * g / (np.sqrt(h) + self.eps)", "h += g * g", "return s"],
        "h is updated after it is used",
    ),
    ("RMSProp", [*RMS, "return -self.lr / (np.sqrt(h) + self.eps)"], "gradient is missing"),
    ("RMSProp", [*RMS, "return -self.lr * g / np.sqrt(h + self.eps)"], "ε stands inside the root"),
    ("RMSProp", [*RMS, "return -self.lr * g / np.sqrt(h) + self.eps"], "ε is added"),
    ("RMSProp", [*RMS, "return -self.lr * g / (h + self.eps)"], "square root of h"),
    ("RMSProp", ["h += g * g", RMS_END], "AdaGrad's memory"),
    (
        "RMSProp",
        ["h *= 1 - self.rho", "h += self.rho * g * g", RMS_END],
        "rho and 1 − rho are exchanged",
    ),
    ("RMSProp", ["h *= self.rho", "h += g * g", RMS_END], "without the factor 1 − rho"),
    ("RMSProp", ["h *= self.rho", "h += (1 - self.rho) * g", RMS_END], "not squared"),
    ("RMSProp", ["h = self.rho * h + (1 - self.rho) * g * g", RMS_END], "forgotten"),
    ("RMSProp", [*RMS, RMS_END.replace("(h)", "(h / (1 - self.rho**self.t))")], "as in Adam"),
    ("RMSProp", ["old = h.copy()", *RMS, RMS_END.replace("(h)", "(old)")], "after it is used"),
    (
        "RMSProp",
        ["h *= 1 - self.rho", "h += self.rho * g * g", RMS_END.replace("-", "")],
        "(?s)(sign.*exchanged|exchanged.*sign)",
    ),
    ("Adadelta", [*DELTA, *DELTA_END[:1], "d += (1 - self.rho) * g * g", "return self.lr * s"],
     "not of squared gradients"),
    ("Adadelta", [*DELTA, "s *= self.lr", *DELTA_END[:2], "return s"], "multiplied by lr, instead"),
    ("Adadelta", [*DELTA[:2], "s = -np.sqrt(d + self.eps) / np.sqrt(h + self.eps)", *DELTA_END],
     "gradient is missing"),
    ("Adadelta", [*DELTA[:2], DELTA[2].replace("d +", "X").replace("h +", "d +")
                  .replace("X", "h +"), *DELTA_END], "exchanged"),
    ("Adadelta", [*DELTA[:2], "s = -np.sqrt(d + self.eps) / (np.sqrt(h) + self.eps) * g",
                  *DELTA_END], "ε stands outside the root"),
    ("Adadelta", [*DELTA[:2], "s = -g / np.sqrt(h + self.eps)", *DELTA_END], "root of d"),
    ("Adadelta", [*DELTA, "d = self.rho * d + (1 - self.rho) * s * s", "return self.lr * s"],
     "d stays 0: .* `d = …`, which makes another array"),
    ("Adadelta", [*DELTA, *DELTA_END[:2], "return s"], "lr is left out"),
    ("Adam", [*ADAM, *BOTH, END.replace("-", "")], "uphill"),
    ("Adam", [*ADAM, *BOTH, END.replace("self.lr * ", "")], "lr is left out"),
    ("Adam", [*ADAM, "a = m", "b = v", END], "m is not corrected.*v is not corrected"),
    ("Adam", [*ADAM, BOTH[0], "b = v", END], "v is not corrected"),
    ("Adam", [*ADAM, "a = m", BOTH[1], END], "m is not corrected"),
    ("Adam", [*ADAM, "a = m / (1 - self.beta1)", "b = v / (1 - self.beta2)", END],
     "m lacks the power t.*v lacks the power t"),
    ("Adam", [*ADAM, BOTH[0], "b = v / (1 - self.beta2)", END], "v lacks the power"),
    ("Adam", [*ADAM, *(line.replace("/", "*") for line in BOTH), END], "multiplied where"),
    ("Adam", [*ADAM, *(line.replace(".t", ".t + 1)").replace("**self", "**(self")
                       for line in BOTH), END], "t starts at 2"),
    ("Adam", [*ADAM, *(line.replace("**self.t", "**max(self.t - 1, 0)").replace("/ (1", "/ (1.0")
                       for line in BOTH), END], "t starts at 0|divides by zero"),
    ("Adam", [*ADAM, *BOTH, "return -self.lr * a / np.sqrt(b + self.eps)"], "inside the root"),
    ("Adam", [*ADAM, *BOTH, "return -self.lr * a / np.sqrt(b) + self.eps"], "ε is added"),
    ("Adam", [*ADAM, *BOTH, "return -self.lr * a / (b + self.eps)"], "square root of v"),
    ("Adam", [*ADAM, *BOTH, "return -self.lr * g / (np.sqrt(b) + self.eps)"], "instead of m̂"),
    ("Adam", ["m = self.beta1 * m + (1 - self.beta1) * g", *ADAM[2:], *BOTH, END], "m is not kept"),
    ("Adam", [*ADAM[:2], "v = self.beta2 * v + (1 - self.beta2) * g * g", *BOTH, END],
     "v is not kept"),
    ("Adam", ["m = self.beta1 * m + (1 - self.beta1) * g",
              "v = self.beta2 * v + (1 - self.beta2) * g * g", *BOTH, END], "m and v are not kept"),
    ("Adam", [*(line.replace("1 -", "X").replace("beta1", "beta2", 1) for line in ADAM[:1]),
              "m += (1 - self.beta2) * g", "v *= self.beta1", "v += (1 - self.beta1) * g * g",
              BOTH[0].replace("1**", "2**"), BOTH[1].replace("2**", "1**"), END],
     "beta1 and beta2 are exchanged"),
    ("Adam", [*ADAM[:2], *(line.replace("beta2", "beta1") for line in ADAM[2:]), *BOTH, END],
     "v has beta1 where it needs beta2"),
    ("Adam", [*(line.replace("beta1", "beta2") for line in ADAM[:2]), *ADAM[2:], *BOTH, END],
     "m has beta2 where it needs beta1"),
    ("Adam", [*ADAM, BOTH[0], BOTH[1].replace("beta2", "beta1"), END], "v is corrected with beta1"),
    ("Adam", [*ADAM, "m /= 1 - self.beta1**self.t", "v /= 1 - self.beta2**self.t",
              END.replace("b)", "v)").replace(" a ", " m ")], "the correction changes . itself"),
    ("Adam", ["self.t += 1", *ADAM, *BOTH, END], "t is counted twice"),
    ("Adam", [*ADAM[:3], "v += (1 - self.beta2) * abs(g)", *BOTH, END], "not squared"),
    ("Adam", ["m *= 1 - self.beta1", "m += self.beta1 * g", *ADAM[2:], *BOTH, END], "exchanged"),
    ("Lion", [LION[0], *LION_END[:2], "return self.lr * s"], "uphill"),
    ("Lion", [LION[0].replace("np.sign", ""), *LION_END], "the sign is left out"),
    ("Lion", [*LION_END[:2], LION[0], LION_END[2]], "m is updated before it is used"),
    ("Lion", ["s = np.sign(m)", *LION_END], "that of m"),
    ("Lion", ["s = np.sign(g)", *LION_END], "that of g"),
    ("Lion", [LION[0], "m *= self.beta1", "m += (1 - self.beta1) * g", LION_END[2]],
     "m has beta1 where it needs beta2"),
    ("Lion", ["s = np.sign((1 - self.beta1) * m + self.beta1 * g)", *LION_END],
     "beta1 and 1 − beta1 are exchanged"),
    ("Lion", [LION[0], *LION_END[:2], "return -s"], "lr is left out"),
    ("AMSGrad", [*ADAM, *BOTH, "np.maximum(w, b, out=w)", MAX_END.replace(" m ", " a ")],
     "as in Adam"),
    ("AMSGrad", [*ADAM, KEEP, "b = w / (1 - self.beta2**self.t)", BOTH[0], END], "as in Adam"),
    ("AMSGrad", [*ADAM, KEEP, BOTH[0], MAX_END.replace(" m ", " a ")], "m is corrected as in Adam"),
    ("AMSGrad", [*ADAM, "w = np.maximum(w, v)", MAX_END], "v divides instead of the largest"),
    ("AMSGrad", [*ADAM, KEEP, MAX_END.replace("(w)", "(v)")], "v divides instead of the largest"),
    ("AMSGrad", [*ADAM, "np.minimum(w, v, out=w)", MAX_END], "w stays 0 for ever"),
    ("AMSGrad", [*ADAM, *BOTH, END], "Adam's own step"),
    ("AMSGrad", [*ADAM, KEEP, MAX_END.replace(" m ", " g ")], "g stands in the numerator"),
    ("AMSGrad", [*ADAM, "np.maximum(w, g * g, out=w)", MAX_END], "the largest g², not"),
    ("Muon", [*MUON, *AHEAD, MUON_END[0], MUON_END[1].replace("-", "")], "uphill"),
    ("Muon", [*MUON, *AHEAD, MUON_END[0], "return -scale * orthogonal(ahead)"], "lr is left out"),
    ("Muon", [*MUON, *AHEAD, MUON_END[0], "return -self.lr * scale * ahead"], "O is left out"),
    ("Muon", [*MUON, *AHEAD, "return -self.lr * orthogonal(ahead)"], "factor .* is left out"),
    ("Muon", [*MUON, *AHEAD, "scale = max(1, rows / columns)", MUON_END[1]], "the root of max"),
    ("Muon", [*MUON, *AHEAD, MUON_END[0].replace("rows / columns", "columns / rows"), MUON_END[1]],
     "exchanged: rows is shape"),
    ("Muon", [*MUON, *AHEAD, "scale = (rows / columns) ** 0.5", MUON_END[1]], "max.* is left out"),
    ("Muon", [*MUON, "ahead = v", AHEAD[1], *MUON_END], "does not look ahead"),
    ("Muon", [*MUON, "ahead = g", AHEAD[1], *MUON_END], "v is left out"),
    ("Muon", [*MUON, "ahead = g + v", AHEAD[1], *MUON_END], "O is of g . βv"),
    ("Muon", ["v += g", *AHEAD, *MUON_END], "never forgets"),
    ("Muon", ["v = self.momentum * v + g", *AHEAD, *MUON_END], "made anew and then"),
    ("Muon", [MUON[0], "v += (1 - self.momentum) * g", *AHEAD, *MUON_END], "form of a mean"),
    ("Muon", [AHEAD[0], *MUON, AHEAD[1], *MUON_END], "the v before the update"),
    ("Muon", [*MUON, *AHEAD, "U, _, Vt = np.linalg.svd(ahead, full_matrices=False)", MUON_END[0],
              "return -self.lr * scale * U @ Vt"], "what five rounds make"),
    ("Muon", [*MUON, *AHEAD, MUON_END[0], "return self.lr * orthogonal(ahead)"],
     "(?s)sign.*factor|factor.*sign"),
]  # fmt: skip


NATURAL = [  # that stop, or need more than the steps to be understood
    ("SGD", ["-self.lr * g"], "its last line has to begin with `return`"),
    ("SGD", ["print(-self.lr * g)"], "its last line has to begin with `return`"),
    ("SGD", ["return -self.lr"], "is g in it"),
    ("SGD", ["return -lr * g"], "in a class it is self.lr"),
    ("SGD", ["x = x - self.lr * g", "return x"], "not told where the point is"),
    ("SGD", ["self.x -= self.lr * g"], "not told where the point is"),
    ("SGD", ["x = -6.79", "return x - self.lr * g"], "the same number is in every step"),
    ("Momentum", ["self.v = self.momentum * self.v - self.lr * g", "return self.v"],
     "comes as the argument `v`"),
    ("AdaGrad", ["import math", "h += g * g", "return -self.lr * g / (math.sqrt(h) + self.eps)"],
     "np.sqrt"),
    ("AdaGrad", ["h += g^2", "return -self.lr * g / (np.sqrt(h) + self.eps)"],
     r"no power, \*\* is"),
]  # fmt: skip


@pytest.mark.parametrize(
    "name, lines, words", NATURAL, ids=[f"{n}-{i}" for i, (n, *_) in enumerate(NATURAL)]
)
def test_a_natural_slip_is_told_what_to_do(name, lines, words):
    verdict, used = judge(name, written(name, *lines))
    assert verdict.state == "wrong" and used is RULES[name], verdict
    assert re.search(words, verdict.text), verdict


@pytest.mark.parametrize(
    "name, lines, words", WRONG, ids=[f"{n}-{i}" for i, (n, *_) in enumerate(WRONG)]
)
def test_a_slip_is_named_with_numbers(name, lines, words):
    verdict, used = judge(name, written(name, *lines))
    assert verdict.state == "wrong" and used is RULES[name], verdict
    assert re.search(words, verdict.text), verdict
    assert "by hand it is" in verdict.text and f"the course's {name}" in verdict.text


def shrinks(text):
    space = {}
    exec(f"def shrink(self, x):\n    {text}\n", space)
    return space["shrink"]


@pytest.mark.parametrize(
    "shrink, words",
    [
        ("pass", "weight decay is left out"),
        ("x *= 1 - self.weight_decay", "not multiplied by lr"),
        ("x *= 1 + self.lr * self.weight_decay", "lets x grow"),
    ],
)
def test_a_slip_in_the_decay_is_named(shrink, words):
    for name, lines in (("AdamW", [*ADAM, *BOTH, END]), ("Lion", [*LION, *LION_END])):
        verdict, _ = judge(name, written(name, *lines, shrink=shrinks(shrink)))
        assert words in verdict.text, verdict


def test_a_coupled_decay_is_named():
    class Coupled(optimizers.AdamW):
        def shrink(self, x):
            pass

        def update(self, params, grads):
            super().update(params, {k: grads[k] + self.weight_decay * params[k] for k in params})

    assert "added to the gradient" in judge("AdamW", Coupled)[0].text


RIGHT_FORMS = [
    ("SGD", ["return g * -self.lr"]),
    ("Momentum", ["v[...] = self.momentum * v - self.lr * g", "return v"]),
    ("Momentum", ["v *= self.momentum", "v += g", "return -self.lr * v"]),
    ("Momentum", ["np.multiply(v, self.momentum, out=v)", "v += -self.lr * g", "return v.copy()"]),
    ("Nesterov", ["old = v.copy()", "v *= self.momentum", "v -= self.lr * g",
                  "return (1 + self.momentum) * v - self.momentum * old"]),
    ("Nesterov", ["b, s = self.momentum, self.lr * g", "d = b * b * v - (1 + b) * s",
                  "v *= b", "v -= s", "return d"]),
    ("Nesterov", ["v *= self.momentum", "v += g", "return -self.lr * (g + self.momentum * v)"]),
    ("AdaGrad", ["h[...] = h + np.square(g)", "return -(self.lr / (np.sqrt(h) + self.eps)) * g"]),
    ("RMSProp", ["h += (1 - self.rho) * (g * g - h)", RMS_END]),
    ("RMSProp", ["h[...] = self.rho * h + (1 - self.rho) * np.power(g, 2)", RMS_END]),
    ("Adadelta", [*DELTA[:2], "s = -g * np.sqrt((d + self.eps) / (h + self.eps))", *DELTA_END]),
    ("Adam", ["m += (1 - self.beta1) * (g - m)", "v += (1 - self.beta2) * (g * g - v)",
              *BOTH, END]),
    ("Adam", [*ADAM, "rate = self.lr * np.sqrt(1 - self.beta2**self.t) / (1 - self.beta1**self.t)",
              "return -rate * m / (np.sqrt(v) + self.eps)"]),
    ("Adam", [*ADAM, "c = np.sqrt(1 - self.beta2**self.t)",
              "return -self.lr * m * c / (1 - self.beta1**self.t) / (np.sqrt(v) + self.eps * c)"]),
    ("AdamW", [*ADAM, *BOTH, END]),
    ("Lion", ["s = np.sign(m + (1 - self.beta1) * (g - m))", *LION_END]),
    ("Muon", [*MUON, *AHEAD, *MUON_END]),
    ("Muon", ["v[...] = self.momentum * v + g", "scale = max(1, len(g) / len(g.T)) ** 0.5",
              "return -orthogonal(g + self.momentum * v) * scale * self.lr"]),
]  # fmt: skip


@pytest.mark.parametrize("name, lines", RIGHT_FORMS)
def test_a_right_form_is_not_accused(name, lines):
    mine = written(name, *lines)
    verdict, used = judge(name, mine)
    assert verdict.state == "right" and used is mine, verdict
    assert rule_of(used(lr=0.1)) == name and repr(used(lr=0.1)).startswith("Mine(lr=0.1")


@each_rule
def test_the_course_is_right_in_all_interfaces(name):
    rule = RULES[name]

    class Own(rule):
        pass

    names = ", ".join(f"{k}={f.default}" for k, f in rule.__dataclass_fields__.items())
    space = {"rule": rule, "as_array": as_array}
    exec(
        f"class Dictionary:\n"
        f"    def __init__(self, {names}):\n"
        f"        self.o = rule({', '.join(f'{k}={k}' for k in rule.__dataclass_fields__)})\n"
        f"    def update(self, params, grads):\n"
        f"        self.o.update(params, grads)\n"
        f"class Array(Dictionary):\n"
        f"    def update(self, w, grad):\n"
        f"        return as_array.update(self, w, grad)\n"
        f"    optimizer = property(lambda self: self.o)\n",
        space,
    )
    knobs = {"lr": 0.1}
    for mine in (rule, Own, space["Dictionary"], space["Array"], as_function(rule)):
        verdict, used = judge(name, mine)
        assert verdict.state == "right", verdict
        if rule.elementwise:
            path = descend(used(**knobs), bowl, 20).path
            assert np.allclose(path, descend(rule(**knobs), bowl, 20).path, rtol=1e-9)
        assert rule_of(used(**knobs)) == name


def test_spellings_of_libraries():
    for name, mine in (
        ("Momentum", TorchMomentum),
        ("Nesterov", TorchNesterov),
        ("Adam", KerasAdam),
    ):
        assert judge(name, mine)[0].state == "right"
    assert "second form, with ε̂" in judge("Adam", KerasAdam)[0].text
    for name, mine in (("Momentum", EMAMomentum), ("Nesterov", LateNesterov)):
        assert judge(name, mine)[0].state == "wrong"


def faulty(fault):
    """(the rule that it should be, a class with this published fault)."""
    name = next((n for n in RULES if n == getattr(RIGHT[fault], "__name__", "")), "SGD")
    if fault in ("SGD, clipped", "SGD, clamped to a box"):
        return name, FAULTS[fault]
    maker, names = FAULTS[fault], RULES[name].__dataclass_fields__

    class Mine:
        def __init__(self, lr=0.1, momentum=0.9, rho=0.9, beta1=0.9, beta2=0.999, eps=1e-8):
            given = {k: v for k, v in vars().items() if k in names}
            given.pop("beta1") if "0.7" in fault else None
            self.optimizer = maker(**given)

        def update(self, *arrays):
            return self.optimizer.update(*arrays)

    return name, Mine


NAMED = {
    "Adam, no powers": "m lacks the power t.* v lacks the power t",
    "Adam, no correction": "m is not corrected.* v is not corrected",
    "Adam, multiplied": "m is multiplied where it has to be divided",
    "Adam, only m": "\nv is not corrected",
    "Adam, t starts at 2": "t starts at 2",
    "Adam, beta1 0.7, no correction": "another beta1 changes nothing",
    "Adam, eps inside": "ε stands inside the root",
    "Adam, eps added to x": "ε is added to the step",
    "EMA momentum": "the form of a mean",
    "Nesterov, v updated first": "v is updated before it is used",
    "SGD, clipped": "is cut to that length",
    "SGD, clamped to a box": "nothing is cut, clamped",
    "RMSProp, no gradient": "the gradient is missing",
    "params[k] = params[k] - step": "a new array into params",
    "w -= step; return w": "not w -= …",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_published_fault_is_named(fault):
    verdict, _ = judge(*faulty(fault))
    assert verdict.state == "wrong" and re.search(NAMED[fault], verdict.text), verdict


# ---------------------------------------------------------------------------- other interfaces


class Book:
    """A momentum as books write it, right."""

    def __init__(self, lr=0.01, momentum=0.9):
        self.lr, self.momentum, self.v = lr, momentum, None

    def update(self, params, grads):
        if self.v is None:
            self.v = {key: np.zeros_like(value) for key, value in params.items()}
        for key in params:
            self.v[key] = self.momentum * self.v[key] - self.lr * grads[key]
            params[key] += self.v[key]


class Rebinds(Book):
    def update(self, params, grads):
        params.update({key: np.array(value) for key, value in params.items()})
        super().update(params, grads)


class Keeps(Book):
    def update(self, params, grads):
        if self.v is None:
            self.v = {key: grads[key] for key in params}
            for v in self.v.values():
                v *= -self.lr
        else:
            for key, v in self.v.items():
                v *= self.momentum
                v -= self.lr * grads[key]
        for key in params:
            params[key] += self.v[key]


class Rounds(Book):
    def update(self, params, grads):
        if self.v is None:
            self.v = {key: np.zeros_like(g) for key, g in grads.items()}
        for key in params:
            self.v[key][...] = self.momentum * self.v[key] - self.lr * grads[key]
            params[key] += self.v[key]


class Shares(Book):
    v = {}

    def __init__(self, lr=0.01, momentum=0.9):
        self.lr, self.momentum = lr, momentum

    def update(self, params, grads):
        for key in params:
            self.v[key] = self.momentum * self.v.get(key, 0) - self.lr * grads[key]
            params[key] += self.v[key]


class Buffer(Book):
    def update(self, params, grads):
        self.b, self.v = getattr(self, "b", {}), {}
        for key in params:
            self.b.setdefault(key, []).append(grads[key])
            self.v[key] = -self.lr * sum(
                self.momentum**k * g for k, g in enumerate(reversed(self.b[key]))
            )
            params[key] += self.v[key]


class CountsEach:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.adam, self.knobs = {}, (lr, beta1, beta2, eps)
        self.t = 0

    def update(self, params, grads):
        for key in params:
            self.t += 1
            adam = self.adam.setdefault(key, optimizers.Adam(*self.knobs))
            adam.t = self.t - 1
            adam.update({key: params[key]}, {key: grads[key]})


class Slices(optimizers.Momentum):
    """It breaks on every map, where x and y are arrays of shape ()."""

    def step(self, g, v):
        v[:] = self.momentum * v - self.lr * g
        return v


def overwrites(w, dw, config=None):
    config = dict(config or {})
    w -= config.setdefault("learning_rate", 0.01) * dw
    return w, config


@pytest.mark.parametrize(
    "name, mine, words",
    [
        ("Momentum", Rebinds, "puts a new array into params"),
        ("Momentum", Keeps, "changes the gradient array"),
        ("Momentum", Rounds, "whole numbers"),
        ("Momentum", Shares, "belongs to the class"),
        ("Momentum", Buffer, "one array that is filled anew"),
        ("Adam", CountsEach, "is t raised"),
        ("SGD", overwrites, "not w -= …"),
        ("Momentum", Slices, "not a single number"),
        ("RMSProp", written("RMSProp", "self.h = h + g * g", RMS_END), "yours sets self.h"),
    ],
)
def test_a_bad_habit_is_told(name, mine, words):
    verdict, used = judge(name, mine)
    assert verdict.state == "wrong" and used is RULES[name]
    assert words in verdict.text, verdict


def test_a_rule_for_single_numbers_is_told_of_live_maps():
    mine = written("SGD", "return -self.lr * g if self.lr > 0 else 0 * g")
    assert "runs a hundred at once" in judge("SGD", mine)[0].text


def test_a_dictionary_class_serves_the_chapter():
    verdict, used = judge("Momentum", Book)
    assert "runs on your Book" in verdict.text
    ours = descend(optimizers.Momentum(lr=0.1), bowl, 30)
    theirs = descend(used(lr=0.1), bowl, 30)
    assert np.allclose(theirs.path, ours.path, rtol=1e-12) and repr(used(lr=0.1)) == "Book(lr=0.1)"
    many = descend(used(lr=np.array([0.1, 0.2])), bowl, 30)
    assert np.allclose(many.path[:, 0], ours.path, rtol=1e-12)


# ---------------------------------------------------------------------------- open, and senseless


def undone(self, g, v):
    raise NotImplementedError("yours to write")


@pytest.mark.parametrize(
    "mine",
    [
        ...,
        written("Momentum", "..."),
        written("Momentum", '"""The formula."""'),
        written("Momentum", "pass"),
        written("Momentum", "return ..."),
        type("Mine", (optimizers.Momentum,), {"step": undone}),
    ],
)
def test_open(mine, capsys):
    assert build("Momentum", mine) is optimizers.Momentum
    said = capsys.readouterr().out
    assert said == (
        "Momentum is open: replace the dots.\n"
        "Until then this lesson runs on the course's Momentum.\n"
    )


class NoUpdate:
    def __init__(self, lr=0.1, momentum=0.9):
        pass


class Exploding(Optimizer):
    lr: float = 0.01
    momentum: float = 0.9

    def step(self, g):
        return -self.lr * g / undefined  # noqa: F821


class Endless(Exploding):
    def step(self, g):
        while True:
            pass


class Leaves(Exploding):
    def step(self, g):
        sys.exit()


class Floods(Exploding):
    def step(self, g):
        for k in range(1000):
            print("here", k)
        return g


@pytest.mark.parametrize(
    "mine, words",
    [
        (None, "yours is None"),
        (3, "yours is 3"),
        (optimizers.Momentum(lr=0.1), "class Momentum itself is wanted"),
        (optimizers.SGD, "no hyper-parameter momentum"),
        (int, "no update"),
        (dict, ""),
        (print, ""),
        (lambda: 0, "it is called with (w, dw, config)"),
        (lambda w, dw, config: w, "return next_w, config"),
        (NoUpdate, "no update"),
        (Exploding, "line"),
        (Leaves, "it leaves Python"),
        (Floods, "your first step is 1"),
        (np.zeros(3), ""),
        ([], ""),
        ("Momentum", "yours is 'Momentum'"),
    ],
)
def test_nothing_senseless_raises(mine, words, capsys):
    assert build("Momentum", mine) is optimizers.Momentum
    said = capsys.readouterr().out
    assert "Momentum, not yet: " in said and words in said
    assert len(said.splitlines()) < 15


def test_an_error_is_told_with_its_line():
    text = judge("Momentum", Exploding)[0].text
    assert "`return -self.lr * g / undefined  # noqa: F821`: it uses a name" in text


@pytest.mark.parametrize(
    "line, words",
    [
        ("w = max(w, v)", "np.maximum, np.where take arrays"),
        ("m = m / (1 - self.beta1^self.t)", "^ is no power"),
        ("import math; v = math.sqrt(v)", "np.sqrt takes arrays"),
    ],
)
def test_what_an_error_means_is_told(line, words):
    assert words in judge("AMSGrad", written("AMSGrad", *ADAM, line, MAX_END))[0].text


def test_an_endless_step_ends(monkeypatch):
    monkeypatch.setattr(trial, "SECONDS", 0.3)
    began = time.monotonic()
    assert "has not ended after 0.3 seconds" in judge("Momentum", Endless)[0].text
    assert time.monotonic() - began < 5


def test_the_base_class_tells_its_own_sentences():
    mine = written("SGD", "return np.ones(3)")
    assert "step must return Δx, numbers in the shape" in judge("SGD", mine)[0].text


def test_unknown():
    verdict, used = judge("Sgd", optimizers.SGD)
    assert verdict.state == "unknown" and used is optimizers.SGD and "SGD, Momentum" in verdict.text


# ---------------------------------------------------------------------------- schedules


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules(name, capsys):
    right = SCHEDULES[name]
    assert build(name, ...) is right
    count = right.__code__.co_argcount
    mine = {2: lambda t, lam: right(t, lam), 3: lambda t, lr, steps: right(t, lr, steps)}[count]
    late = {2: lambda t, lam: right(t + 1, lam), 3: lambda t, a, b: right(t + 1, a, b)}[count]
    assert build(name, mine) is mine
    capsys.readouterr()
    assert build(name, late) is right
    assert "t counts from 1" in capsys.readouterr().out
    assert build(name, 0.1) is right and build(name, lambda: 0) is right
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 4, "what is no schedule at all gets no hint about its formula"


@pytest.mark.parametrize(
    "mine, words",
    [
        (lambda t, lr, T: lr / 2 * (1 + np.cos(np.pi * (t - 1) / (T - 1))), "still moves"),
        (lambda t, lr, T: lr / 2 * (1 - np.cos(np.pi * (t - 1) / T)), "it rises"),
        (lambda t, lr, T: lr / 2 + np.cos(np.pi * (t - 1) / T), "mind the brackets"),
        (lambda t, lr, T: lr * (1 + np.cos(np.pi * (t - 1) / T)), "half of it is wanted"),
    ],
)
def test_usual_slips_of_a_cosine(mine, words):
    assert words in judge("cosine", mine)[0].text


def half(t, steps, lag=1):
    return np.cos(np.pi * (t - lag) / steps)


@pytest.mark.parametrize(
    "name, mine",
    [
        ("inverse time", lambda t, lam: 1 / lam / t),
        ("inverse time", lambda k, curvature: (curvature * k) ** -1),
        ("inverse time", lambda t, lam: [1 / t * 1 / lam]),
        ("linear", lambda t, lr, steps: lr - (t - 1) * lr / steps),
        ("linear", lambda t, lr, steps: lr * (steps + 1 - t) / steps),
        ("cosine", lambda t, lr, steps: lr / 2 * (1 + math.cos(math.pi * (t - 1) / steps))),
        ("cosine", lambda t, lr, steps: lr * math.cos(math.pi * (t - 1) / (2 * steps)) ** 2),
        ("cosine", lambda t, lr, steps: lr - lr * np.sin(np.pi * (t - 1) / (2 * steps)) ** 2),
        ("cosine", lambda t, lr=0.1, steps=100: np.array(lr * (0.5 + 0.5 * half(t, steps)))),
    ],
)
def test_a_right_schedule_is_not_accused(name, mine):
    verdict, used = judge(name, mine)
    assert verdict.state == "right" and used is mine, verdict


@pytest.mark.parametrize(
    "name, mine, words",
    [
        ("inverse time", lambda t, lam: 1 / t, "λ is missing"),
        ("inverse time", lambda t, lam: 1 / lam * t, "only λ divides"),
        ("inverse time", lambda t, lam: 1 / (lam * t**2), "as 1/t²"),
        ("cosine", lambda t, lr, steps: lr / 2 * (1 + half(t, steps, 0)), "t counts from 1"),
        ("cosine", lambda t, lr, steps: lr * half(t, steps), "becomes negative"),
        ("cosine", lambda t, lr, steps: lr / 2 * (1 + np.cos((t - 1) / steps)), "π long"),
        ("cosine", lambda t, lr, steps: lr * (1 - (t - 1) / steps), "straight line"),
        ("cosine", lambda t, lr, steps: lr, "fall with t"),
        ("cosine", lambda steps, lr, t: lr / 2 * (1 + half(t, steps)), "another order"),
    ],
)
def test_a_slip_in_a_schedule_is_named(name, mine, words):
    verdict, used = judge(name, mine)
    assert verdict.state == "wrong" and used is SCHEDULES[name] and words in verdict.text, verdict


# ---------------------------------------------------------------------------- the catalogue itself


def test_every_entry_of_the_catalogue_is_a_slip_in_some_rule():
    texts = [slips.written(rule) for rule in RULES.values()]
    for pattern, _, words in slips.TEXTS:
        assert any(re.search(pattern, text, re.MULTILINE) for text in texts), words
    for words, (old, _) in slips.VARIANTS.items():
        assert any(old in text for text in texts), words


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_slip_stands_in_the_catalogue_once(rule):
    """Two entries that change a rule's text alike would tell one slip in two ways."""
    told = {}
    for words, text in slips.slips(slips.written(rule), rule.memory):
        told.setdefault(" ".join(text.split()), []).append(words)
    assert not [words for words in told.values() if len(words) > 1]
