"""The reader of formulas, on which the tests of the cheat sheet and of the landscapes rest."""

import numpy as np
import pytest
from formulas import definitions, value, walk
from lab import feed

from optimizers import SGD, Lion, Momentum

NAMES = {"a": 2.0, "b": 3.0, r"\eta": 0.5, r"\hatm": 4.0, r"\beta_1": 0.9, r"\rho_\infty": 7.0}
NAMES |= {"t": 2, "twice": None, "O": lambda x: 10 * x, "c": r"a + b", r"\mathrmsign": np.sign}


@pytest.mark.parametrize(
    ("formula", "wanted"),
    [
        ("a + b - 1", 4),
        ("-a + b", 1),
        ("-a b", -6),
        ("a b^2", 18),
        ("-a^2", -4),
        ("12/a b", 18),
        ("12/(a b)", 2),
        ("a - b - 1", -2),
        ("a - (b - 1)", 0),
        (r"\sqrt{a + 2}\,b", 6),
        (r"\sqrt 9 + 1", 4),
        (r"10^{-a} + 10^2", 100.01),
        (r"\eta\hat m", 2),
        (r"1-\beta_1^t", 0.19),
        (r"(\rho_\infty-4)(\rho_{\infty}-2)", 15),
        (r"\ln a^2/\ln 4", 1),
        (r"\ln(1+\eta)", np.log(1.5)),
        (r"\max(a, b) + \max(b, a)", 6),
        (r"a\lvert a - b \rvert b", 6),
        (r"\mathrm{sign}(a - b)", -1),
        (r"a\,O(a + b)", 100),
        ("a c", 10),  # a formula by name is worked out first
        (r"a \cdot b", 6),
        (r"\left(a + b\right) 2", 10),
        (r"\frac{a + b}{2} b^2", 22.5),
        (r"-\frac{1}{a}", -0.5),
        (r"a - 10\cos 2\pi a + b", -5),
        (r"\ln a b/2 + 1", np.log(6) / 2 + 1),
        (r"\ln a \ln b", np.log(2) * np.log(3)),
        (r"\ln a(b + 1)", 4 * np.log(2)),
        (r"\ln(a) b", 3 * np.log(2)),
        (r"2e^{-(a + 1)/b}", 2 / np.e),
    ],
)
def test_value(formula, wanted):
    assert value(formula, NAMES) == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize(
    "formula", ["", "a +", "(a", "a)", "a / ", "q", r"\sum a", "a ** b", "a b}", r"\frac a b"]
)
def test_value_refuses(formula):
    with pytest.raises(ValueError):
        value(formula, NAMES)


def test_value_of_arrays():
    g = np.array([1.0, -2.0])
    assert value(r"-\eta g/(\lvert g\rvert + 1)", {"g": g, r"\eta": 6.0}).tolist() == [-3, 4]


def test_walk_is_the_rule():
    gradients = np.random.default_rng(0).normal(size=(40, 3, 2))
    names = {r"\eta": 0.1, r"\beta": 0.9, r"\beta_1": 0.9, r"\beta_2": 0.99, r"\lambda": 0.2}
    steps = walk("", r"-\eta g", names, gradients)
    assert np.allclose(steps, feed(SGD(lr=0.1), gradients), rtol=1e-12)
    steps = walk(r"$v \leftarrow \beta v - \eta g$", "v", names, gradients)
    assert np.allclose(steps, feed(Momentum(lr=0.1), gradients), rtol=1e-12)
    lion = Lion(lr=0.1, weight_decay=0.2)
    memory = (
        r"first $x \leftarrow (1-\eta\lambda)x$; after it $m \leftarrow \beta_2 m + (1-\beta_2)g$"
    )
    step = r"-\eta\,\mathrm{sign}(\beta_1 m + (1-\beta_1)g)"
    names[r"\mathrmsign"] = np.sign
    steps = walk(memory, step, names, gradients, start=3.0)
    assert np.allclose(steps, feed(lion, gradients, start=3.0), rtol=1e-12)
    assert not np.allclose(steps, walk(memory.replace("after", ""), step, names, gradients, 3.0))


def test_definitions():
    text = (
        r"the mean $\hat m = m/(1-\beta_1^t)$, a rate $\eta$ and $r = \sqrt{a}$; $x \leftarrow 1$"
    )
    assert definitions(text) == {r"\hatm": r"m/(1-\beta_1^t)", "r": r"\sqrt{a}"}
