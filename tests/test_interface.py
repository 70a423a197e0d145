"""How an optimizer is used: floats and arrays, knobs, memory, copies, rules of one's own."""

import ast
import copy
import importlib
import pickle
from collections import UserDict
from itertools import combinations, product
from pathlib import Path
from textwrap import dedent
from types import MappingProxyType

import numpy as np
import pytest
from helpers import KNOBS, RULES, WHOLE, freeze, three_steps

import optimizers
from optimizers import (
    SGD,
    Adadelta,
    AdaGrad,
    Adam,
    AdamW,
    Lion,
    Momentum,
    Muon,
    Nesterov,
    RMSProp,
)

pytestmark = pytest.mark.filterwarnings("error")

# ---------------------------------------------------------------- the file


def test_the_file_is_a_base_then_rules_and_below_them_what_is_refused():
    source = Path(optimizers.__file__).read_text(encoding="utf-8")
    banners = [n for n, line in enumerate(source.splitlines(), 1) if line.startswith("# ---")]
    assert len(banners) == 1
    body = ast.parse(source).body
    named = [node for node in body if isinstance(node, (ast.ClassDef, ast.FunctionDef))]
    above = [node.name for node in named if node.lineno < banners[0]]
    assert above == [*optimizers.__all__, "orthogonal", "rectification"]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno - node.lineno < 35, f"{node.name} is too long to be read"


def test_the_example_at_its_head_runs():
    lines = [line for line in optimizers.__doc__.splitlines() if line.startswith("    ")]
    names = {"np": np, "Adam": Adam, "gradient": lambda x: np.array([0.1, 2]) * x}
    exec(dedent("\n".join(lines)), names)
    assert names["opt"].t == 30 and (abs(names["params"]["x"]) < 1.2).all()


# ---------------------------------------------------------------- the classic interface


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("kind", [float, np.float64, np.float32])
def test_floats_stay_what_they_are(rule, kind):
    params, opt = {"x": kind(0.5)}, rule()
    assert opt.update(params, {"x": 1.0}) is None
    opt.update(params, {"x": 1})
    assert type(params["x"]) is kind and params["x"] < 0.5
    for name in rule.memory:
        assert getattr(opt, name)["x"].dtype == np.dtype(kind)


@pytest.mark.parametrize("rule", RULES)
def test_an_array_that_others_hold_moves(rule):
    layer = np.ones((2, 3))
    params, opt = {"W1": layer}, rule()
    for _ in range(3):
        opt.update(params, {"W1": np.full((2, 3), 0.5)})
    assert params["W1"] is layer
    assert (layer < 1).all()


@pytest.mark.parametrize("rule", RULES)
def test_float32_stays_float32(rule):
    lr = np.array([0.1, 0.2, 0.3]) if rule.elementwise else 0.1
    params, opt = {"x": np.ones(3, np.float32)}, rule(lr=lr)
    exact, reference = {"x": np.ones(3)}, rule(lr=lr)
    for _ in range(3):  # gradients and hyper-parameters of double precision do not change that
        opt.update(params, {"x": np.array([0.1, 0.2, -0.3])})
        reference.update(exact, {"x": np.array([0.1, 0.2, -0.3])})
    assert params["x"].dtype == np.float32
    assert all(getattr(opt, name)["x"].dtype == np.float32 for name in rule.memory)
    np.testing.assert_allclose(params["x"], exact["x"], rtol=1e-5)


def test_gradients_may_be_integers_or_lists():
    params = {"x": np.zeros(2), "y": np.zeros(2)}
    SGD(lr=0.5).update(params, {"x": np.array([1, -2]), "y": [3, 4.0]})
    assert params["x"].tolist() == [-0.5, 1.0]
    assert params["y"].tolist() == [-1.5, -2.0]


def test_the_order_of_the_keys_does_not_matter():
    opt, params = Momentum(lr=0.1), {"a": 0.0, "b": 0.0}
    opt.update(params, {"b": 2.0, "a": 1.0})
    params = {"b": params["b"], "a": params["a"]}
    opt.update(params, {"a": 1.0, "b": 2.0})
    assert params == pytest.approx({"a": -0.29, "b": -0.58})


@pytest.mark.parametrize("rule", RULES)
def test_a_gradient_that_is_itself_a_parameter(rule):
    """f = xy has the gradient (y, x): both must be taken before either moves."""
    params, opt = {"x": np.array([1.0]), "y": np.array([2.0])}, rule(lr=0.1)
    apart, twin = copy.deepcopy(params), rule(lr=0.1)
    for _ in range(3):
        opt.update(params, {"x": params["y"], "y": params["x"]})
        twin.update(apart, {"x": apart["y"].copy(), "y": apart["x"].copy()})
    assert params == apart


def test_many_parameters_that_are_views_of_one_vector():
    """Nine keys and more are looked at in the order of their addresses, not all in pairs."""
    vector = np.zeros(40)
    params = {i: vector[i : i + 2] for i in range(0, 40, 2)} | {"odd": np.zeros(3)}
    grads = {key: np.ones(x.shape) for key, x in params.items()}
    grads[8], grads["odd"] = params[4], vector[10:13]  # gradients that are themselves parameters
    SGD(lr=1).update(params, grads)
    wanted = np.full(40, -1.0)
    wanted[8:10] = 0
    assert vector.tolist() == wanted.tolist() and params["odd"].tolist() == [0, 0, 0]
    backwards = {i: vector[i : i + 2][::-1] for i in range(0, 40, 2)}
    backwards[8] = vector[9:7:-1]
    SGD(lr=1).update(backwards, {i: np.ones(2) for i in backwards} | {8: vector[7:9]})
    assert vector[8:10].tolist() == [0, 1]  # from the gradient -1, 0, as it was before the step
    backwards[8] = vector[8:5:-2]
    with pytest.raises(ValueError, match="parameters 6 and 8 share memory"):
        SGD(lr=1).update(backwards, {i: np.ones(2) for i in backwards})
    halves, ones = np.zeros(6), np.ones(6)  # views all of them, the gradients too
    SGD(lr=1).update({0: halves[:3], 1: halves[3:]}, {0: ones[:3], 1: ones[3:]})
    assert (halves == -1).all()
    with pytest.raises(ValueError, match="parameters 0 and 1 share memory"):
        SGD(lr=1).update({0: halves[:3], 1: halves[2:5]}, {0: ones[:3], 1: ones[3:]})
    woven = np.zeros(20)  # the same stretch of memory, and not one number in common
    SGD(lr=1).update({0: woven[::2], 1: woven[1::2]}, {0: np.ones(10), 1: np.ones(10)})
    assert (woven == -1).all()


@pytest.mark.parametrize("n", [3, 5])  # up to four are compared in pairs, more by their addresses
def test_shared_memory_is_seen_in_every_pair(n):
    for i, j in combinations(range(n), 2):
        params = {k: np.ones(2) for k in range(n)}
        params[j] = params[i]
        with pytest.raises(ValueError, match=f"parameters {i} and {j} share memory"):
            SGD().update(params, {k: np.ones(2) for k in range(n)})
    for i, j in product(range(n), repeat=2):
        params = {k: np.full(2, k + 1.0) for k in range(n)}
        SGD(lr=1).update(params, {k: np.ones(2) for k in range(n)} | {j: params[i]})
        wanted = [k + 1 - (i + 1 if k == j else 1) for k in range(n)]
        assert [x[1] for x in params.values()] == wanted, f"the gradient of {j} is parameter {i}"


def test_a_large_parameter_may_be_its_own_gradient_backwards():
    """A block that has moved is not the gradient of a later one."""
    x = np.arange(2.0 * optimizers.BLOCK)
    SGD(lr=1).update({"x": x}, {"x": x[::-1]})
    assert np.array_equal(x, np.arange(1 - len(x), len(x), 2))


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("laid", ["strided", "wide", "tall"])
def test_among_many_keys_a_view_is_as_long_as_its_stride_makes_it(laid, backwards):
    vector, others = np.zeros(60, np.float16), {k: np.zeros(2) for k in range(9)}
    view = {
        "strided": vector[10:38:9],  # 10, 19, 28, 37
        "wide": vector[10:38].reshape(2, 14)[:, ::13],  # 10, 23, 24, 37
        "tall": vector[10:38].reshape(14, 2)[::13],  # 10, 11, 36, 37
    }[laid]
    view = view[::-1] if backwards else view
    for start in (8, 9, 37, 38):
        params = {"view": view, **others, "two": vector[start : start + 2]}
        grads = {key: np.ones(x.shape) for key, x in params.items()}
        if start in (8, 38):
            SGD().update(params, grads)
        else:
            with pytest.raises(ValueError, match="parameters 'view' and 'two' share memory"):
                SGD().update(params, grads)


def test_a_thousand_keys_are_not_compared_in_pairs(monkeypatch):
    calls = []
    for name in ("shares_memory", "may_share_memory"):
        compare = getattr(np, name)
        monkeypatch.setattr(np, name, lambda a, b, f=compare: calls.append(1) or f(a, b))
    SGD().update(dict.fromkeys(range(1000), 1.0), dict.fromkeys(range(1000), 1.0))
    assert not calls  # each has memory of its own
    vector = np.zeros(2000)
    views = {i: vector[2 * i : 2 * i + 2] for i in range(1000)}
    SGD().update(views, {i: np.ones(2) for i in range(1000)})
    assert (vector == -0.01).all() and len(calls) < 10


def test_any_mapping_is_a_dictionary():
    params = UserDict(x=1.0, y=np.ones(2))
    SGD(lr=0.5).update(params, MappingProxyType({"x": 1.0, "y": np.ones(2)}))
    assert params["x"] == 0.5 and params["y"].tolist() == [0.5, 0.5]
    SGD(lr=0.5).update(MappingProxyType({"y": params["y"]}), {"y": np.ones(2)})
    assert params["y"].tolist() == [0, 0]


def test_the_memory_reads_as_in_the_books():
    opts = [Momentum(lr=0.5), AdaGrad(), RMSProp(rho=0.5), Adam(beta1=0.5, beta2=0.75)]
    for opt in opts:
        opt.update({"W1": np.zeros(2), "b1": 0.0}, {"W1": np.array([1.0, 2.0]), "b1": 4.0})
    momentum, adagrad, rmsprop, adam = opts
    assert momentum.v["W1"].tolist() == [-0.5, -1.0] and momentum.v["b1"] == -2
    assert adagrad.h["W1"].tolist() == [1, 4] and adagrad.h["b1"] == 16
    assert rmsprop.h["W1"].tolist() == [0.5, 2] and rmsprop.h["b1"] == 8
    assert adam.m["W1"].tolist() == [0.5, 1] and adam.v["W1"].tolist() == [0.25, 1]


def test_what_an_optimizer_says_of_itself():
    opt = Adam(lr=0.3, beta1=[0.5, 0.9])
    assert list(opt.knobs) == ["lr", "beta1", "beta2", "eps"] and opt.knobs["lr"] == 0.3
    assert list(opt.array_knobs) == ["beta1"] and opt.array_knobs["beta1"].tolist() == [0.5, 0.9]
    opt.beta1 = 0.9
    assert opt.array_knobs == {} and opt.knobs == Adam(lr=0.3).knobs
    assert opt.shapes == {}
    opt.update({"W": np.ones((2, 3)), "b": 0.0}, {"W": np.ones((2, 3)), "b": 1.0})
    assert opt.shapes == {"W": (2, 3), "b": ()}
    opt.reset()
    assert opt.shapes == {} and opt.t == 0 and opt.m == opt.v == {}


@pytest.mark.parametrize("rule", RULES)
def test_to_begin_is_a_first_step_without_a_step(rule):
    """Memory of zeros that can be written before the first step: how to go on from elsewhere."""
    params, opt, twin = {"x": np.ones((2, 2), np.float32), "y": 2.0}, rule(), rule()
    opt.begin(params)
    assert opt.t == 0 and opt.shapes == {"x": (2, 2), "y": ()}
    for name in rule.memory:
        assert getattr(opt, name)["x"].dtype == np.float32 and not getattr(opt, name)["x"].any()
    others = copy.deepcopy(params)
    three_steps(opt, params, seed=1)
    three_steps(twin, others, seed=1)
    assert freeze(params) == freeze(others)


@pytest.mark.parametrize(
    "opt, legend",
    [
        (SGD(), "SGD(lr=0.01)"),
        (SGD(lr=1), "SGD(lr=1)"),
        (SGD(lr=2 / 2.1), "SGD(lr=0.952381)"),  # six digits are enough for a legend
        (Momentum(lr=0.1, momentum=0.9), "Momentum(lr=0.1)"),
        (Nesterov(0.1, 0.5), "Nesterov(lr=0.1, momentum=0.5)"),
        (Adadelta(eps=1e-4), "Adadelta(lr=1, eps=0.0001)"),
        (Adam(0.3, 0.8, 0.97, 1e-3), "Adam(lr=0.3, beta1=0.8, beta2=0.97, eps=0.001)"),
        (Adam(lr=0.3, eps=1e-8), "Adam(lr=0.3)"),
        (AdamW(lr=0.3, weight_decay=0), "AdamW(lr=0.3, weight_decay=0)"),
        (Lion(0.3, 0.9, 0.98, 0.1), "Lion(lr=0.3, beta2=0.98, weight_decay=0.1)"),
        (Muon(0.02, 0.5), "Muon(lr=0.02, momentum=0.5)"),
    ],
)
def test_repr_is_the_legend(opt, legend):
    assert repr(opt) == legend
    assert repr(eval(legend)) == legend  # and can be typed in again


def test_repr_of_array_hyper_parameters():
    assert repr(SGD(lr=np.linspace(0, 1, 200))) == "SGD(lr=<200 values>)"
    assert repr(Adam(beta1=np.array([0.9, 0.9]))) == "Adam(lr=0.001, beta1=<2 values>)"


def test_an_optimizer_equals_only_itself():
    """Its memory is its own, so that two with the same numbers are still two."""
    one, other = SGD(lr=0.1), SGD(lr=0.1)
    assert one == one != other
    assert {one: "a race", other: "between two"}[other] == "between two"


def test_a_reloaded_module_leaves_old_optimizers_alive():
    old, params = Nesterov(lr=0.1), {"x": np.ones(2)}
    before = vars(optimizers).copy()
    try:
        importlib.reload(optimizers)
        old.update(params, {"x": np.ones(2)})
        assert params["x"].tolist() == [0.81, 0.81]
        assert repr(copy.deepcopy(old)) == "Nesterov(lr=0.1)"
        with pytest.raises(ValueError, match="gradient 'x' holds NaN"):
            old.update(params, {"x": np.full(2, np.nan)})
    finally:
        vars(optimizers).update(before)


# ---------------------------------------------------------------- large arrays, arrays of knobs


@pytest.mark.parametrize("layout", ["flat", "wide", "tall", "transposed", "strided"])
def test_large_arrays_come_in_blocks(layout, monkeypatch):
    """No number may notice; test_properties.py asks that of every rule."""
    cut = {
        "flat": lambda a: a.copy(),
        "wide": lambda a: a.reshape(8, -1).copy(),
        "tall": lambda a: a.reshape(-1, 4).copy(),
        "transposed": lambda a: a.reshape(1000, 1000).copy().T,
        "strided": lambda a: a.reshape(1000, 1000).copy()[:, ::2],
    }[layout]
    x, g = (cut(a) for a in np.random.default_rng(1).normal(size=(2, 1_000_000)))
    params, sizes, step = {"W": x.copy()}, [], Adam.step
    monkeypatch.setattr(Adam, "step", lambda s, g, *m: sizes.append(g.size) or step(s, g, *m))
    Adam(lr=0.1).update(params, {"W": g})
    assert len(sizes) > 3 and sum(sizes) == x.size  # blocks, and all of them
    assert max(sizes) <= optimizers.BLOCK and min(sizes[:-1]) > 0.9 * optimizers.BLOCK
    np.testing.assert_allclose(params["W"], x - 0.1 * np.sign(g), rtol=0, atol=1e-3)


def test_a_row_is_the_smallest_block(monkeypatch):
    params, sizes = {"W": np.zeros((3, optimizers.BLOCK + 1))}, []
    monkeypatch.setattr(SGD, "step", lambda opt, g: sizes.append(g.size) or -opt.lr * g)
    SGD(lr=1).update(params, {"W": np.ones_like(params["W"])})
    assert sizes == [optimizers.BLOCK + 1] * 3
    assert (params["W"] == -1).all()


def test_knobs_that_broadcast():
    """A column of lr and a row of momentum are all combinations of them."""
    opt = Momentum(lr=np.array([[0.1], [0.2]]), momentum=np.array([0.0, 0.5, 0.9]))
    params = {"x": np.zeros((2, 3))}
    for _ in range(2):
        opt.update(params, {"x": np.ones((2, 3))})
    np.testing.assert_allclose(params["x"], [[-0.2, -0.25, -0.29], [-0.4, -0.5, -0.58]])


def test_knobs_on_a_big_array():
    """Knobs that are arrays and parameters that would be cut into blocks."""
    n = 2 * optimizers.BLOCK
    rates, params = np.linspace(0, 1, n), {"x": np.zeros(n)}
    SGD(lr=rates).update(params, {"x": np.ones(n)})
    assert np.array_equal(params["x"], -rates)


def test_knobs_are_copied_and_cannot_be_written():
    rates = np.array([0.1, 0.2])
    opt = SGD(lr=rates)
    rates[0] = -1.0
    assert opt.lr.tolist() == [0.1, 0.2]
    with pytest.raises(ValueError, match="read-only"):
        opt.lr[0] = -1.0


def test_knobs_may_change_on_the_way():
    opt, params = Momentum(lr=0.1, momentum=0.5), {"x": np.zeros(2)}
    opt.update(params, {"x": np.ones(2)})  # v = -0.1
    opt.lr, opt.momentum = 1, 0.25
    opt.update(params, {"x": np.ones(2)})  # v = -1.025
    np.testing.assert_allclose(params["x"], [-1.125, -1.125], rtol=1e-15)
    opt.lr = np.array([0.0, 2.0])  # from one number to two ...
    opt.update(params, {"x": np.ones(2)})  # v = -0.25625, -2.25625
    np.testing.assert_allclose(params["x"], [-1.38125, -3.38125], rtol=1e-15)
    opt.lr = 0  # ... and back
    opt.update(params, {"x": np.ones(2)})
    np.testing.assert_allclose(params["x"], [-1.4453125, -3.9453125], rtol=1e-15)
    assert opt.t == 4


# ---------------------------------------------------------------- copies


@pytest.mark.parametrize(
    "rule, knobs", [*KNOBS[13:14], *WHOLE[1:], (Adam, dict(lr=[0.1, 0.2, 0.3]))]
)
@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies_go_their_own_way(rule, knobs, duplicate):
    """That they go on bit for bit is asked of every rule in test_properties.py."""
    opt, params = rule(**knobs), {"x": np.ones(3), "W": np.ones((2, 3))}
    three_steps(opt, params, seed=1)
    twin, others = duplicate(opt), duplicate(params)
    before = freeze(params, opt.t, [getattr(opt, name) for name in rule.memory])
    three_steps(twin, others, seed=2)
    assert freeze(params, opt.t, [getattr(opt, name) for name in rule.memory]) == before
    assert repr(twin) == repr(opt) and (twin.t, opt.t) == (6, 3)
    with pytest.raises(ValueError, match="lr"):
        twin.lr = -1
    with pytest.raises(ValueError, match="another set"):
        twin.update({"z": 1.0}, {"z": 1.0})
