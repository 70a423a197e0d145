"""What is refused: in one sentence that names the culprit, before anything has changed."""

import copy
from dataclasses import fields
from functools import partial
from types import MappingProxyType

import numpy as np
import pytest
from helpers import ELEMENTWISE, RULES, Summing, complains, freeze, state, three_steps

from optimizers import SGD, Adam, Muon

pytestmark = pytest.mark.filterwarnings("error")


KINDS = [SGD, Adam, Muon, Summing]  # the checks are the base class's, the same for every rule

# ---------------------------------------------------------------- bad input
# All or nothing. Each case spoils the last of three parameters, after some good steps.


def good():
    params = {"a": np.array([[1.0, -2.0]]), "b": 0.5, "W2": np.array([[3.0, 4.0]])}
    return params, {"a": np.array([[0.1, 0.2]]), "b": -0.3, "W2": np.array([[0.4, -0.5]])}


def param(value):
    return lambda params, grads: (params | {"W2": value}, grads)


def grad(value):
    return lambda params, grads: (params, grads | {"W2": value})


def without(d, key):
    return {k: v for k, v in d.items() if k != key}


def read_only(array):
    array.flags.writeable = False
    return array


ALWAYS_BAD = {
    "gradient missing": (
        lambda p, g: (p, without(g, "W2")),
        KeyError,
        ["parameter 'W2' has no gradient"],
    ),
    "gradient extra": (
        lambda p, g: (p, g | {"W3": 1.0}),
        KeyError,
        ["gradient 'W3' has no parameter"],
    ),
    "parameter missing": (
        lambda p, g: (without(p, "W2"), g),
        KeyError,
        ["gradient 'W2' has no parameter"],
    ),
    "key mistyped": (
        lambda p, g: (p, without(g, "W2") | {"w2": g["W2"]}),
        KeyError,
        ["parameter 'W2' has no gradient"],
    ),
    "gradient transposed": (grad(np.ones((2, 1))), ValueError, "'W2' (2, 1) (1, 2) equal"),
    "gradient broadcasts": (grad(np.ones(2)), ValueError, "'W2' (2,) (1, 2) equal"),
    "gradient of one number": (grad(1.0), ValueError, "'W2' () (1, 2) equal"),
    "gradient NaN": (grad(np.array([[0.4, np.nan]])), ValueError, "'W2' NaN lr"),
    "gradient inf": (grad(np.array([[np.inf, 1.0]])), ValueError, "'W2' infinity lr"),
    "gradient -inf": (grad(np.array([[1.0, -np.inf]])), ValueError, "'W2' infinity lr"),
    "gradient text": (grad("up"), TypeError, "'W2' real numbers"),
    "gradient None": (grad(None), TypeError, "'W2' real numbers"),
    "gradient bool": (grad(np.array([[True, False]])), TypeError, "'W2' bool real numbers"),
    "gradient complex": (grad(np.ones((1, 2)) * 1j), TypeError, "'W2' complex128 real numbers"),
    "gradient ragged": (grad([[1.0], [1.0, 2.0]]), TypeError, "'W2' real numbers"),
    "gradient a dict": (grad({"W2": 1.0}), TypeError, "'W2' real numbers"),
    "parameter integers": (param(np.array([[3, 4]])), TypeError, "'W2' int astype(float)"),
    "parameter bools": (param(np.array([[True, False]])), TypeError, "'W2' bool astype(float)"),
    "parameter complex": (param(np.ones((1, 2)) * 1j), TypeError, "'W2' complex128"),
    "parameter texts": (param(np.array([["3", "4"]])), TypeError, "'W2' float"),
    "parameter int": (param(3), TypeError, "'W2' float int 3"),
    "parameter True": (param(True), TypeError, "'W2' float bool True"),
    "parameter None": (param(None), TypeError, "'W2' float None"),
    "parameter text": (param("3.0\n4.0"), TypeError, "'W2' float str"),
    "parameter list": (param([3.0, 4.0]), TypeError, "'W2' float list"),
    "parameter class": (param(float), TypeError, "'W2' float the class float"),
    "parameter read-only": (
        param(read_only(np.array([[3.0, 4.0]]))),
        ValueError,
        "'W2' read-only copy()",
    ),
    "parameters share memory": (
        lambda p, g: (p | {"W2": p["a"][:, ::-1]}, g),
        ValueError,
        "'a' 'W2' share memory",
    ),
    "one array twice": (lambda p, g: (p | {"W2": p["a"]}, g), ValueError, "'a' 'W2' share memory"),
    "params a list": (lambda p, g: ([p["a"]], g), TypeError, "params dict list"),
    "params an array": (lambda p, g: (np.ones((40, 2)), g), TypeError, "params dict ndarray"),
    "grads None": (lambda p, g: (p, None), TypeError, "grads dict None"),
    "grads a number": (lambda p, g: (p, 1.0), TypeError, "grads dict float"),
    "both a class": (lambda p, g: (dict, g), TypeError, "params dict the class dict"),
    "nothing": (lambda p, g: ({}, {}), ValueError, "params empty array"),
    "parameter nested": (param({"W": np.ones(2)}), TypeError, "'W2' key of its own dict"),
    "gradient too large for its parameter": (
        lambda p, g: (p | {"W2": np.ones(2, np.float32)}, g | {"W2": [1e300, 1.0]}),
        ValueError,
        "'W2' too large float32 lr",
    ),
}

BAD_LATER = {  # fine for a first step, but this optimizer has begun with something else
    "one more": (
        lambda p, g: (p | {"W3": np.ones(2)}, g | {"W3": np.ones(2)}),
        ValueError,
        "'W3' reset()",
    ),
    "one fewer": (
        lambda p, g: (without(p, "W2"), without(g, "W2")),
        ValueError,
        "'W2' reset()",
    ),
    "another shape": (
        lambda p, g: (p | {"W2": np.ones(5)}, g | {"W2": np.ones(5)}),
        ValueError,
        "'W2' (5,) new optimizer reset()",
    ),
}


@pytest.mark.parametrize("case", ALWAYS_BAD | BAD_LATER)
@pytest.mark.parametrize("rule", KINDS)
def test_bad_input_changes_nothing(rule, case):
    spoil, error, words = (ALWAYS_BAD | BAD_LATER)[case]
    opt, (params, grads) = rule(), good()
    for _ in range(3):
        opt.update(params, grads)
    twin, others = copy.deepcopy((opt, params))

    bad = spoil(params, grads)
    before = freeze(params, bad, vars(opt))
    complains(lambda: opt.update(*bad), error, words)
    assert freeze(params, bad, vars(opt)) == before

    opt.update(params, grads)  # and goes on as if nothing had been
    twin.update(others, grads)
    assert freeze(sorted(params.items())) == freeze(sorted(others.items()))
    assert opt.t == twin.t == 4


@pytest.mark.parametrize("case", ALWAYS_BAD)
@pytest.mark.parametrize("rule", KINDS)
def test_a_bad_first_step_leaves_the_optimizer_new(rule, case):
    spoil, error, words = ALWAYS_BAD[case]
    opt, bad = rule(), spoil(*good())
    before = freeze(bad, vars(opt))
    complains(lambda: opt.update(*bad), error, words)
    assert freeze(bad, vars(opt)) == before == freeze(bad, vars(rule()))
    opt.update({"z": 1.0}, {"z": 1.0})  # still open for any set of parameters


@pytest.mark.parametrize("shape", [(3,), (1, 1, 2), (2, 2)])
@pytest.mark.parametrize("rule", ELEMENTWISE)
def test_knobs_that_do_not_broadcast(rule, shape):
    params, opt = {"fits": np.ones((2, *shape)), "W2": np.ones((1, 2))}, rule()
    three_steps(opt, params, seed=1)
    opt.lr = np.full(shape, 0.1)
    before = freeze(params, vars(opt))
    words = [f"lr has shape {shape}", "does not broadcast to (1, 2)", "parameter 'W2'"]
    complains(lambda: opt.update(params, copy.deepcopy(params)), ValueError, words)
    assert freeze(params, vars(opt)) == before


# ---------------------------------------------------------------- bad hyper-parameters

BAD_NUMBERS = {
    "text": ("0.1", TypeError),
    "long text": ("0.1\n" * 100, TypeError),
    "None": (None, TypeError),
    "bool": (True, TypeError),
    "complex": (0.1j, TypeError),
    "class": (SGD, TypeError),
    "instance": (SGD(), TypeError),
    "dict": ({"lr": 0.1}, TypeError),
    "tuple": ((0.1, 0.2), TypeError),
    "list of texts": (["0.1", "0.2"], TypeError),
    "ragged list": ([[0.1], [0.1, 0.2]], TypeError),
    "array of bools": (np.ones((40, 40), bool), TypeError),
    "NaN": (float("nan"), ValueError),
    "infinity": (float("inf"), ValueError),
    "negative": (-0.1, ValueError),
    "just negative": (-5e-324, ValueError),
    "minus one": (-1, ValueError),
    "list with a bad one": ([0.1, -0.1], ValueError),
    "array with a bad one": (np.r_[np.full(40, 0.5), np.nan].reshape(-1, 1), ValueError),
}

ALL_KNOBS = [(rule, f.name) for rule in RULES for f in fields(rule)]


@pytest.mark.parametrize("rule, name", ALL_KNOBS)
def test_bad_hyper_parameters(rule, name):
    opt = rule()
    before = freeze(vars(opt))
    for bad, error in BAD_NUMBERS.values():
        knob = {name: bad}
        told = complains(partial(rule, **knob), error, f"{rule.__name__} {name} must be")
        assert complains(partial(setattr, opt, name, bad), error, "") == told
        assert freeze(vars(opt)) == before


@pytest.mark.parametrize(
    "knobs, message",
    [
        (dict(lr="0.1"), "lr must be a number, got '0.1': write for example Adam(lr=0.1)"),
        (
            dict(beta1=(0.9, 0.999)),
            "beta1 must be a number, got (0.9, 0.999): write for example Adam(beta1=0.1); many "
            "values go into a list or an array",
        ),
        (
            dict(lr={"x": 1.0}),
            "lr must be a number, got {'x': 1.0}: write for example Adam(lr=0.1); parameters and "
            "gradients go to opt.update(params, grads)",
        ),
        (dict(lr=-1), "Adam: lr must be finite and not negative, got -1"),
        (dict(eps=0.0), "Adam: eps must be greater than 0, got 0.0"),
        (dict(beta1=1.0), "Adam: beta1 must be at least 0 and less than 1, got 1.0"),
        (
            dict(lr=np.array([[0.1], [-1]])),
            "Adam: lr must be finite and not negative, got array([[ 0.1], [-1. ]])",
        ),
    ],
)
def test_the_words_of_an_error(knobs, message):
    with pytest.raises((TypeError, ValueError)) as caught:
        Adam(**knobs)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "params, grads, message",
    [
        (3, 0.0, "params must be a dict such as {'x': array}, got int 3"),
        ({"x": 1.0}, 0.0, "grads must be a dict such as {'x': array}, got float 0.0"),
        ({"x": 3}, {"x": 0.0}, "parameter 'x' must be a float or a float array, got int 3"),
        (
            {"x": {"W": 1.0}},
            {"x": 0.0},
            "parameter 'x' must be a float or a float array, each array under a key of its own, "
            "got dict {'W': 1.0}",
        ),
        ({}, {}, "params is empty: it must hold what is to be moved, such as {'x': array}"),
    ],
)
def test_the_words_about_parameters(params, grads, message):
    error = TypeError if params else ValueError
    assert complains(lambda: SGD().update(params, grads), error, "") == message


@pytest.mark.parametrize("rule, name", ALL_KNOBS)
def test_where_the_range_of_a_hyper_parameter_ends(rule, name):
    below_one = np.nextafter(1, 0)
    positive = {"lr": (0, 1e308), "weight_decay": (0, 1e308), "eps": (5e-324, 1e308)}
    least, most = positive.get(name, (0, below_one))
    opt = rule(**{name: least})
    assert getattr(opt, name) == least
    setattr(opt, name, most)
    assert getattr(opt, name) == most
    assert getattr(rule(**{name: np.array([least, most])}), name).tolist() == [least, most]
    if name == "eps":
        complains(lambda: rule(eps=0), ValueError, "eps greater than 0")
        complains(lambda: rule(eps=[1e-8, 0.0]), ValueError, "eps greater than 0")
    elif name not in positive:
        for bad in (1, 1.0, 1.5, np.array([0.5, 1.0])):
            complains(lambda bad=bad: rule(**{name: bad}), ValueError, f"{name} less than 1")


@pytest.mark.parametrize("rule", RULES)
def test_a_mistyped_hyper_parameter(rule):
    complains(lambda: rule(learning_rate=0.1), TypeError, "learning_rate")
    opt = rule()
    names = " ".join(f.name for f in fields(rule))
    complains(
        lambda: setattr(opt, "learning_rate", 0.1),
        AttributeError,
        f"{rule.__name__} 'learning_rate' {names}",
    )
    assert not hasattr(opt, "learning_rate")
    assert freeze(vars(opt)) == freeze(vars(rule()))


@pytest.mark.parametrize("bad", [-1, 1.5, None, "1", np.ones(2)])
def test_t_counts_the_steps(bad):
    opt = SGD()
    complains(lambda: setattr(opt, "t", bad), ValueError, "t counts the steps cannot be")
    assert opt.t == 0


def test_a_float_needs_a_dictionary_that_can_be_written():
    opt, params = SGD(), MappingProxyType({"x": np.ones(1), "b": 0.5})
    complains(
        lambda: opt.update(params, {"x": np.ones(1), "b": 0.5}), TypeError, "'b' mappingproxy dict"
    )
    assert opt.t == 0 and params["x"] == 1


def test_habits_of_other_libraries():
    opt = Adam()
    complains(lambda: SGD({"x": np.ones(2)}), TypeError, "lr number opt.update(params, grads)")
    complains(lambda: SGD(x for x in [1]), TypeError, "lr number opt.update(params, grads)")
    complains(lambda: Adam(0.01, (0.9, 0.999), 1e-8), TypeError, "beta1 number (0.9, 0.999)")
    complains(lambda: opt.step(), TypeError, "Adam formula opt.update(params, grads)")
    complains(lambda: opt.zero_grad(), AttributeError, "Adam 'zero_grad' opt.update(params, grads)")


# ---------------------------------------------------------------- what goes wrong in the middle


@pytest.mark.parametrize("rule", RULES)
def test_a_caller_who_makes_numpy_raise_gets_whole_steps(rule):
    params, others = {"x": np.ones(2), "y": np.ones(2)}, {"x": np.ones(2), "y": np.ones(2)}
    opt, twin, grads = rule(), rule(), {"x": np.ones(2), "y": np.full(2, 1e-200)}
    with np.errstate(all="raise"):  # the square of 1e-200 underflows
        opt.update(params, grads)
        with pytest.raises(ValueError, match="'y' holds NaN"):
            opt.update(params, {"x": np.ones(2), "y": np.full(2, np.nan)})
    twin.update(others, grads)
    assert state(params, opt) == state(others, twin)
