"""Rules as students write them: right forms, which `build` must not accuse, and natural slips.

A form is the body of `step`, its lines parted by semicolons, in the class that its lesson gives.
"""

import math
import re
from textwrap import indent

import numpy as np
import pytest
from lab import bowl, descend
from lab.exercises import beside
from lab.exercises.beside import Beside
from lab.exercises.build import RULES, judge
from lab.exercises.readers_rule import ReadersRule
from lab.exercises.slips import pairs, slips

import optimizers

BUILT = "SGD Momentum Nesterov AdaGrad RMSProp Adadelta Adam AMSGrad Lion Muon".split()
each_built = pytest.mark.parametrize("name", BUILT)


def made(name, body, **notebook):
    """The class of a reader who has replaced the dots, beside other names of the notebook."""
    rule = RULES[name]
    knobs = {knob: field.default for knob, field in rule.__dataclass_fields__.items()}
    base = {"Nesterov": "Momentum", "AMSGrad": "Adam"}.get(name, "Optimizer")
    lines = [f"class {name}({base}):", f"    memory = {rule.memory}"]
    lines += [f"    elementwise = {rule.elementwise}"]
    lines += [f"    {knob}: float = {default!r}" for knob, default in knobs.items()]
    if "weight_decay" in knobs:
        lines += ["    def shrink(self, x):", "        x *= 1 - self.lr * self.weight_decay"]
    lines += [f"    def step({', '.join(('self', 'g', *rule.memory))}):"]
    lines += [indent("\n".join(body.split("; ")), "        ")]
    space = {**vars(optimizers), "np": np, "math": math, "__name__": "__main__", **notebook}
    exec("\n".join(lines), space)
    return space[name]


# ---------------------------------------------------------------------------- right

H_END = "return -self.lr * g / (np.sqrt(h) + self.eps)"
SQUARES = "h *= self.rho; h += (1 - self.rho) * g * g; "
MEANS = "m *= self.beta1; m += (1 - self.beta1) * g; v *= self.beta2; v += (1 - self.beta2) * g * g"
HATS = "a = m / (1 - self.beta1**self.t); b = v / (1 - self.beta2**self.t)"
A_END = "return -self.lr * a / (np.sqrt(b) + self.eps)"
W_END = "return -self.lr * m / (np.sqrt(w) + self.eps)"
LION_M = "m *= self.beta2; m += (1 - self.beta2) * g"
MUON = "v *= self.momentum; v += g; "

RIGHT = {
    "SGD": [
        "return -(self.lr * g)",
        "return g * (-self.lr)",
        "return -1 * self.lr * g",
        "return 0 - self.lr * g",
        "return np.multiply(-self.lr, g)",
        "return -g / (1 / self.lr)",
        "step = g.copy(); step *= -self.lr; return step",
        "lr = self.lr; return -lr * g",
        "return (-self.lr * g).tolist()",
        "d = -g; return np.array(d * self.lr)",
        "g *= -self.lr; return g",
    ],
    "Momentum": [
        "v[...] = self.momentum * v - self.lr * g; return v",
        "v -= (1 - self.momentum) * v + self.lr * g; return v",
        "v += (self.momentum - 1) * v - self.lr * g; return v",
        "np.multiply(v, self.momentum, out=v); np.subtract(v, self.lr * g, out=v); return v",
        "new = self.momentum * v - self.lr * g; v[...] = new; return new",
        "np.copyto(v, self.momentum * v - self.lr * g); return v",
        "v[()] = self.momentum * v - self.lr * g; return v",
        "v *= -self.momentum; v += self.lr * g; v *= -1; return v",
        "v *= self.momentum; v -= self.lr * g; return v.tolist()",
        "v *= self.momentum; v += g; return -(self.lr * v)",
    ],
    "Nesterov": [
        "v = super().step(g, v); return self.momentum * v - self.lr * g",
        "super().step(g, v); return self.momentum * v - self.lr * g",
        "v = Momentum.step(self, g, v); return self.momentum * v - self.lr * g",
        "old = v.copy(); super().step(g, v); return -self.momentum * old + (1 + self.momentum) * v",
        "new = super().step(g, v); return -self.lr * g + self.momentum * new",
        "v[...] = self.momentum * v - self.lr * g; return self.momentum * v - self.lr * g",
        "v = super().step(g, v); d = v * self.momentum; d -= self.lr * g; return d",
        "v = super().step(g, v); return v + (self.momentum * v - v) - self.lr * g",
        "s = self.lr * g; v = super().step(g, v); return np.subtract(self.momentum * v, s)",
        "v = super().step(g, v); return (self.momentum * v - self.lr * g).tolist()",
    ],
    "AdaGrad": [
        "h += g**2; " + H_END,
        "h += np.square(g); return -self.lr * g / (h**0.5 + self.eps)",
        "h[...] = h + g * g; return -self.lr / (np.sqrt(h) + self.eps) * g",
        "h += abs(g) ** 2; return -g * self.lr / (self.eps + np.sqrt(h))",
        "h += g * g; rate = self.lr / (np.sqrt(h) + self.eps); return -rate * g",
        "np.add(h, g * g, out=h); return np.divide(-self.lr * g, np.sqrt(h) + self.eps)",
        "h += pow(g, 2); return -self.lr * g * (1 / (np.sqrt(h) + self.eps))",
        "h += g * g; return -self.lr * g * (np.sqrt(h) + self.eps) ** -1",
        "h += g * g; root = np.power(h, 0.5); return -(self.lr * g) / (root + self.eps)",
        "h += np.power(g, 2); return (-self.lr * g / (np.sqrt(h) + self.eps)).tolist()",
    ],
    "RMSProp": [
        "h[...] = self.rho * h + (1 - self.rho) * g**2; " + H_END,
        "h += (1 - self.rho) * (g * g - h); return -self.lr * g / (h**0.5 + self.eps)",
        "h -= (1 - self.rho) * (h - g * g); " + H_END,
        "np.copyto(h, self.rho * h + (1 - self.rho) * np.square(g)); " + H_END,
        "h *= self.rho; h += g * g - self.rho * g * g; " + H_END,
        "h *= self.rho; h += (1.0 - self.rho) * np.power(g, 2); " + H_END,
        "rho = self.rho; h *= rho; h += (1 - rho) * g * g; " + H_END,
        SQUARES + "rate = self.lr / (np.sqrt(h) + self.eps); return -(rate * g)",
        SQUARES + "return np.divide(-self.lr * g, h**0.5 + self.eps)",
        "h[()] = self.rho * h + (1 - self.rho) * g * g; " + H_END,
    ],
    "Adadelta": [
        SQUARES + "s = -np.sqrt(d + self.eps) / np.sqrt(h + self.eps) * g; "
        "d[...] = self.rho * d + (1 - self.rho) * s**2; return self.lr * s",
        SQUARES + "s = -((d + self.eps) / (h + self.eps)) ** 0.5 * g; "
        "d += (1 - self.rho) * (s * s - d); return s * self.lr",
        "h += (1 - self.rho) * (g * g - h); s = np.sqrt((d + self.eps) / (h + self.eps)) * g; "
        "d += (1 - self.rho) * (s * s - d); return -self.lr * s",
        SQUARES + "top, bottom = np.sqrt(d + self.eps), np.sqrt(h + self.eps); "
        "s = -g * top / bottom; d *= self.rho; d += (1 - self.rho) * s**2; return self.lr * s",
        SQUARES + "rms = lambda a: np.sqrt(a + self.eps); s = -rms(d) / rms(h) * g; "
        "d *= self.rho; d += (1 - self.rho) * np.square(s); return self.lr * s",
    ],
    "Adam": [
        "m[...] = self.beta1 * m + (1 - self.beta1) * g; "
        f"v[...] = self.beta2 * v + (1 - self.beta2) * g**2; {HATS}; {A_END}",
        f"m += (1 - self.beta1) * (g - m); v += (1 - self.beta2) * (g * g - v); {HATS}; {A_END}",
        f"{MEANS}; a = m / (1 - np.power(self.beta1, self.t)); "
        f"b = v / (1 - np.power(self.beta2, self.t)); {A_END}",
        "b1, b2, t = self.beta1, self.beta2, self.t; m *= b1; m += (1 - b1) * g; v *= b2; "
        "v += (1 - b2) * g * g; "
        "return -(self.lr * m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + self.eps)",
        f"{MEANS}; a = m * (1 / (1 - self.beta1**self.t)); "
        f"b = v * (1 / (1 - self.beta2**self.t)); return -self.lr * a * (b**0.5 + self.eps) ** -1",
        "m *= self.beta1; v *= self.beta2; m += (1 - self.beta1) * g; "
        "v += (1 - self.beta2) * g**2; c, k = 1 - self.beta1**self.t, 1 - self.beta2**self.t; "
        "return -self.lr / c * m / (np.sqrt(v) / np.sqrt(k) + self.eps)",
        f"{MEANS}; t = float(self.t); a = m / (1 - self.beta1**t); b = v / (1 - self.beta2**t); "
        f"{A_END}",
        f"{MEANS}; {HATS}; return (-self.lr * a / (np.sqrt(b) + self.eps)).tolist()",
        "np.copyto(m, self.beta1 * m + (1 - self.beta1) * g); "
        f"np.copyto(v, self.beta2 * v + (1 - self.beta2) * np.square(g)); {HATS}; {A_END}",
        f"{MEANS}; rate = self.lr * np.sqrt(1 - self.beta2**self.t) / (1 - self.beta1**self.t); "
        "return -rate * m / (np.sqrt(v) + self.eps)",
    ],
    "AMSGrad": [
        f"{MEANS}; w[...] = np.maximum(w, v); {W_END}",
        f"{MEANS}; w[...] = np.where(v > w, v, w); {W_END}",
        f"{MEANS}; w[...] = np.fmax(w, v); return -(self.lr / (w**0.5 + self.eps)) * m",
        f"super().step(g, m, v); np.maximum(w, v, out=w); {W_END}",
        f"super().step(g, m, v); w += np.maximum(v - w, 0); {W_END}",
        f"super().step(g, m, v); w[v > w] = v[v > w]; {W_END}",
        f"super().step(g, m, v); np.copyto(w, v, where=v > w); {W_END}",
        f"{MEANS}; np.maximum(w, np.sqrt(v), out=w); return -self.lr * m / (w + self.eps)",
    ],
    "Lion": [
        f"d = -self.lr * np.sign(self.beta1 * m + (1 - self.beta1) * g); {LION_M}; return d",
        "c = self.beta1 * m + (1 - self.beta1) * g; "
        "m[...] = self.beta2 * m + (1 - self.beta2) * g; return -self.lr * np.sign(c)",
        "c = m + (1 - self.beta1) * (g - m); m += (1 - self.beta2) * (g - m); "
        "return -np.sign(c) * self.lr",
        f"c = g + self.beta1 * (m - g); {LION_M}; "
        "return np.where(c > 0, -self.lr, np.where(c < 0, self.lr, 0))",
        f"c = self.beta1 * m + (1 - self.beta1) * g; {LION_M}; return self.lr * np.sign(-c)",
    ],
    "Muon": [
        MUON + "rows, columns = g.shape; scale = max(1, rows / columns) ** 0.5; "
        "return -self.lr * scale * orthogonal(g + self.momentum * v)",
        "v[...] = self.momentum * v + g; r, c = g.shape; "
        "return -self.lr * np.sqrt(max(1, r / c)) * orthogonal(g + self.momentum * v)",
        MUON + "ahead = self.momentum * v; ahead += g; O = orthogonal(ahead); "
        "O *= -self.lr * max(1, g.shape[0] / g.shape[1]) ** 0.5; return O",
        MUON + "s = math.sqrt(g.shape[0] / g.shape[1]) if g.shape[0] > g.shape[1] else 1; "
        "return -self.lr * s * orthogonal(g + self.momentum * v)",
        MUON + "return -self.lr * max(1, math.sqrt(len(g) / len(g[0]))) * "
        "orthogonal(g + v * self.momentum)",
        MUON + "return orthogonal(-(g + self.momentum * v)) * self.lr * "
        "np.maximum(1, g.shape[0] / g.shape[1]) ** 0.5",
    ],
}


@each_built
def test_no_right_form_is_accused(name):
    for body in RIGHT[name]:
        mine = made(name, body)
        verdict, used = judge(name, mine)
        assert verdict.state == "right" and used is mine, f"{body}\n{verdict}"


CLASSES = {  # as books, courses and repositories write them
    "SGD, without a default": """
        class SGD:
            def __init__(self, lr):
                self.lr = lr
            def update(self, params, grads):
                for key in params.keys():
                    params[key] -= self.lr * grads[key]""",
    "SGD, by name only": """
        class SGD:
            def __init__(self, *, lr=0.01):
                self.lr = float(lr)
            def update(self, params, grads):
                for (k, x), g in zip(params.items(), grads.values()):
                    x -= self.lr * g""",
    "SGD, a lambda": """
        SGD = lambda w, dw, config: (w - config["learning_rate"] * dw, config)""",
    "Nesterov, of a book": """
        class Nesterov:
            def __init__(self, lr=0.01, momentum=0.9):
                self.lr, self.momentum, self.v = lr, momentum, None
            def update(self, params, grads):
                if self.v is None:
                    self.v = {key: np.zeros_like(value) for key, value in params.items()}
                for key in params.keys():
                    params[key] += self.momentum * self.momentum * self.v[key]
                    params[key] -= (1 + self.momentum) * self.lr * grads[key]
                    self.v[key] *= self.momentum
                    self.v[key] -= self.lr * grads[key]""",
    "AdaGrad, with an ε of its own": """
        class AdaGrad:
            def __init__(self, lr=0.01):
                self.lr, self.h = lr, None
            def update(self, params, grads):
                if self.h is None:
                    self.h = {key: np.zeros_like(value) for key, value in params.items()}
                for key in params.keys():
                    self.h[key] += grads[key] * grads[key]
                    params[key] -= self.lr * grads[key] / (np.sqrt(self.h[key]) + 1e-7)""",
    "RMSProp, of arrays": """
        class RMSProp:
            def __init__(self, learning_rate=0.01, rho=0.9):
                self.learning_rate, self.rho, self.eps, self.Eg = learning_rate, rho, 1e-8, None
            def update(self, w, grad):
                if self.Eg is None:
                    self.Eg = np.zeros(np.shape(grad))
                self.Eg = self.rho * self.Eg + (1 - self.rho) * np.power(grad, 2)
                return w - self.learning_rate * grad / (np.sqrt(self.Eg) + self.eps)""",
    "Adam, with a rate of its own": """
        class Adam:
            def __init__(self, lr=0.001, beta1=0.9, beta2=0.999):
                self.lr, self.beta1, self.beta2 = lr, beta1, beta2
                self.iter, self.m, self.v = 0, {}, {}
            def update(self, params, grads):
                self.iter += 1
                rate = self.lr * np.sqrt(1 - self.beta2**self.iter) / (1 - self.beta1**self.iter)
                for key, g in grads.items():
                    m, v = self.m.get(key, 0 * g), self.v.get(key, 0 * g)
                    self.m[key] = m + (1 - self.beta1) * (g - m)
                    self.v[key] = v + (1 - self.beta2) * (g**2 - v)
                    params[key] -= rate * self.m[key] / (np.sqrt(self.v[key]) + 1e-7)""",
    "Lion, all in one": """
        class Lion:
            def __init__(self, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
                self.lr, self.b, self.c, self.decay, self.m = lr, beta1, beta2, weight_decay, {}
            def update(self, params, grads):
                for k, g in grads.items():
                    m = self.m.setdefault(k, np.zeros_like(params[k]))
                    u = np.sign(self.b * m + (1 - self.b) * g)
                    params[k] -= self.lr * (u + self.decay * params[k])
                    self.m[k] = self.c * m + (1 - self.c) * g""",
}  # fmt: skip


@pytest.mark.parametrize("which", CLASSES)
def test_no_right_class_is_accused(which):
    name = which.split(",")[0]
    space = {"np": np}
    exec("\n".join(line[8:] for line in CLASSES[which].splitlines()), space)
    verdict, used = judge(name, space[name])
    assert verdict.state == "right", verdict
    ours = descend(RULES[name](lr=0.1), bowl, 20)
    assert np.allclose(descend(used(lr=0.1), bowl, 20).path, ours.path, rtol=1e-4)


# ---------------------------------------------------------------------------- slips

SLIPS = [
    ("SGD", "return -self.lr * np.sign(g)", "its size is lost"),
    ("SGD", "return -self.lr * g / np.linalg.norm(g)", "length"),
    ("SGD", "return -self.lr * np.clip(g, -1, 1)", "is cut to between"),
    ("Momentum", "v -= self.lr * g; v *= self.momentum; return v", "once too often"),
    ("Momentum", "v += self.momentum * v - self.lr * g; return v", "stays there whole"),
    ("Momentum", "v *= 1 - self.momentum; v -= self.lr * g; return v", "the share 1 − β"),
    ("Momentum", "v *= self.momentum; v -= self.lr * g; return v - self.lr * g", "added twice"),
    ("Nesterov", "v = super().step(g, v); return self.momentum * v", "−ηg is missing"),
    ("Nesterov", "v = super().step(g, v); return v - self.lr * g", "not multiplied by β"),
    ("Nesterov", "v = super().step(g, v); v *= self.momentum; v -= self.lr * g; return v",
     "made in v itself"),
    ("Nesterov", "return self.momentum * (super().step(g, v) - self.lr * g)", "parentheses"),
    ("AdaGrad", H_END, "h stays 0"),
    ("AdaGrad", "h += np.sum(g * g); " + H_END, "one sum of squares"),
    ("AdaGrad", "h += g * g; return -self.lr * g / (np.sqrt(h / self.t) + self.eps)", "the sum of"),
    ("AdaGrad", "h += g * g; return -self.lr * (g / np.sqrt(h) + self.eps)", "not to √h alone"),
    ("RMSProp", "h *= self.rho; h += ((1 - self.rho) * g) ** 2; " + H_END, "outside of the square"),
    ("RMSProp", "h += (1 - self.rho) * g * g; h *= self.rho; " + H_END, "after what is new"),
    ("RMSProp", SQUARES + "k = h / (1 - self.rho**self.t); "
     "return -self.lr * g / (np.sqrt(k) + self.eps)", "corrected as in Adam"),
    ("RMSProp", SQUARES + "return -self.lr * g / np.maximum(np.sqrt(h), self.eps)", "lower limit"),
    ("Adadelta", SQUARES + "s = -np.sqrt(d + self.eps) / np.sqrt(h + self.eps) * g; "
     "return self.lr * s", "d stays 0"),
    ("Adam", f"{MEANS}; a = m / (1 - self.beta1) ** self.t; b = v / (1 - self.beta2) ** self.t; "
     + A_END, "the power t is that of beta1 alone"),
    ("Adam", f"{MEANS}; a = m / 1 - self.beta1**self.t; b = abs(v / (1 - self.beta2**self.t)); "
     + A_END, "parentheses are missing: without them m"),
    ("Adam", f"{MEANS}; m /= 1 - self.beta1**self.t; v /= 1 - self.beta2**self.t; "
     "return -self.lr * m / (np.sqrt(v) + self.eps)", "the correction changes m itself"),
    ("Adam", f"{MEANS}; a = m / (1 - self.beta1**self.t); b = v / (1 - self.beta1**self.t); "
     + A_END, "v is corrected with beta1"),
    ("Adam", f"{MEANS.replace('beta2', 'beta1')}; {HATS}; {A_END}", "v has beta1 where"),
    ("Adam", f"{MEANS.replace('g * g', 'm * m')}; {HATS}; {A_END}", "of g², not of m²"),
    ("Adam", f"self.t += 1; {MEANS}; {HATS}; {A_END}", "t is counted twice"),
    ("Adam", f"{MEANS}; {HATS}; rate = self.lr * np.sqrt(1 - self.beta2**self.t); "
     "return -rate / (1 - self.beta1**self.t) * a / (np.sqrt(b) + self.eps)", "corrected twice"),
    ("Adam", "m *= 0.9; m += 0.1 * g; v *= 0.999; v += 0.001 * g * g; "
     f"a = m / (1 - 0.9**self.t); b = v / (1 - 0.999**self.t); {A_END}",
     "0.9, the default, .* and 0.999, the default"),
    ("Adam", f"{MEANS.replace('self.beta1', '0.7')}; a = m; b = v; {A_END}",
     "another beta1 changes nothing"),
    ("AMSGrad", f"{MEANS}; np.maximum(w, v); {W_END}", "w stays 0"),
    ("AMSGrad", f"{MEANS}; w += v; {W_END}", "adds the v up"),
    ("AMSGrad", f"{MEANS}; np.maximum(w, v, out=w); {W_END.replace('* m', '* g')}",
     "g stands in the numerator"),
    ("Lion", f"d = -self.lr * np.sign(0.9 * m + (1 - self.beta1) * g); {LION_M}; return d",
     "0.9, the default"),
    ("Lion", f"{LION_M}; return -self.lr * np.sign(m)", "or the new m"),
    ("Lion", "d = -self.lr * np.sign(self.beta1 * m + (1 - self.beta1) * g); "
     "m = self.beta2 * m + (1 - self.beta2) * g; return d", "`m = …` has made another array"),
    ("Muon", "v *= self.momentum; v -= self.lr * g; rows, columns = g.shape; "
     "return -self.lr * max(1, rows / columns) ** 0.5 * orthogonal(g + self.momentum * v)",
     "−η enters v"),
]  # fmt: skip


@pytest.mark.parametrize(
    "name, body, words", SLIPS, ids=[f"{n}-{i}" for i, (n, *_) in enumerate(SLIPS)]
)
def test_a_students_slip_is_named(name, body, words, monkeypatch):
    monkeypatch.setattr(beside, "SECONDS", 60)
    verdict, used = judge(name, made(name, body))
    assert verdict.state == "wrong" and used is RULES[name]
    assert re.search(words, verdict.text), verdict


@pytest.mark.parametrize(
    "name, body, words",
    [
        ("Adam", f"{MEANS}; a = m / (1 - self.beta1**t); b = v / (1 - self.beta2**t); {A_END}",
         "`t` is not your optimizer's but one of the notebook: self.t"),
        ("RMSProp", "h *= rho; h += (1 - rho) * g * g; " + H_END, "notebook: self.rho"),
        ("Momentum", "self.v *= self.momentum; return self.v", "comes as the argument `v`"),
        ("Momentum", "self.v = self.momentum * v - self.lr * g; return self.v",
         "change the array v"),
        ("Adam", "return -self.lr * a / undefined", "a name that nothing defines"),
    ],
)  # fmt: skip
def test_a_name_of_another_is_told(name, body, words):
    """In a notebook t, rho and beta1 often have values, left from the steps by hand."""
    verdict, _ = judge(name, made(name, body, t=3, rho=0.9, a=1))
    assert verdict.state == "wrong" and words in verdict.text, verdict


def test_a_name_that_nothing_defines_is_found_in_self():
    body = f"{MEANS}; a = m / (1 - self.beta1**t); b = v; {A_END}"
    assert "in a class it is self.t (NameError" in judge("Adam", made("Adam", body))[0].text


@each_built
def test_every_slip_of_the_catalogue_is_named(name):
    """By its own words, or by those of another slip that takes the same steps."""
    both, rule = Beside(ReadersRule(RULES[name], RULES[name])), RULES[name]
    known, none = slips(both.text, rule.memory), []
    for words, changed in known:
        both.mine = both.by(changed)
        if both.agree(both.text):
            none.append(words)
            continue
        hint = both.hint()
        alike = [text for other, text in known if other == hint]
        assert hint == words or "the default, is typed" in hint or any(map(both.agree, alike)), hint
    for _, changed in pairs(both.text, rule.memory):  # all of them can run
        both.by(changed, rows=1)
    # These two are what the rule does.
    assert [words[:29] for words in none] == {
        "Adadelta": ["d is updated after it is used"],
        "Lion": ["m is updated after it is used"],
    }.get(name, [])


def test_an_array_class_that_returns_the_step_alone_is_told():
    def step_alone(w, dw, config):
        return -config["learning_rate"] * dw, config

    assert "yours returns the step alone" in judge("SGD", step_alone)[0].text
