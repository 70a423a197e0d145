"""The network: its gradient against two other ways, its many-at-once form, the data, the loop."""

import numpy as np
import pytest
from helpers import RULES, complains
from lab import network
from lab.network import (
    ACTIVATIONS,
    Divided,
    Network,
    batches,
    digits,
    flat,
    train,
    train_many,
    two_moons,
)
from lab.schedules import linear

from optimizers import SGD, Adam, Muon

each_activation = pytest.mark.parametrize("activation", ACTIVATIONS)
each_shape = pytest.mark.parametrize(
    "sizes", [(2, 1), (2, 5, 2, 1), (2, 4, 3), (2, 3, 3, 4)], ids=str
)


def moved(net):
    """The network, away from its first biases, which are 0."""
    return net.at(net.vector() + 0.3 * np.random.default_rng(5).normal(size=net.vector().size))


@each_activation
@each_shape
def test_gradient_by_complex_step_and_differences(activation, sizes):
    x, y = two_moons(40, seed=3)
    net = moved(Network(*sizes, activation=activation))
    loss, grads = net.gradient(x, y)
    assert loss == net.loss(x, y)
    assert {k: g.shape for k, g in grads.items()} == {k: p.shape for k, p in net.params.items()}
    at, one = net.vector(), np.eye(net.vector().size)
    exact = net.at(at + 1e-30j * one).loss(x, y).imag / 1e-30
    np.testing.assert_allclose(flat(grads), exact, rtol=1e-10, atol=1e-15)
    h = 2.0**-17
    rough = (net.at(at + h * one).loss(x, y) - net.at(at - h * one).loss(x, y)) / (2 * h)
    np.testing.assert_allclose(flat(grads), rough, rtol=1e-5, atol=1e-8)


@each_activation
def test_many_networks_are_each_one(activation):
    x, y = two_moons(60)
    many = Network(2, 5, 1, activation=activation, seed=[4, 7, 4])
    losses, kept = train(
        many, Adam(lr=np.reshape([0.1, 0.1, 0.3], (3, 1, 1))), x, y, 20, 16, keep=[0, 20]
    )
    assert losses.shape == (20, 3) and kept.shape == (2, 3, 21)
    for i, (seed, lr) in enumerate(((4, 0.1), (7, 0.1), (4, 0.3))):
        net = Network(2, 5, 1, activation=activation, seed=seed)
        alone, ends = train(net, Adam(lr=lr), x, y, 20, 16, keep=[0, 20])
        np.testing.assert_allclose(losses[:, i], alone, rtol=1e-9)
        np.testing.assert_allclose(kept[:, i], ends, rtol=1e-9)
        np.testing.assert_allclose(many.accuracy(x, y)[i], net.accuracy(x, y))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_rule_trains(rule):
    x, y = two_moons(100)
    net = Network(2, 6, 2, seed=1)
    arrays = dict(net.params)
    before = net.loss(x, y)
    train(net, rule(lr=1.0 if rule.__name__ == "Adadelta" else 0.05), x, y, 150)
    assert net.loss(x, y) < before
    assert all(net.params[key] is array for key, array in arrays.items()), "changed in place"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("sizes", [(2, 5, 2, 1), (2, 3, 2)], ids=str)
def test_many_rates_and_seeds_are_each_one(rule, sizes):
    x, y = two_moons(60)
    rates, seeds = [0.1, 0.02, 0.1], [4, 4, 7]
    how = dict(batch=16, schedule=linear)
    many, losses = train_many(rule, rates, seeds, sizes, x, y, 12, **how)
    for i, (lr, seed) in enumerate(zip(rates, seeds)):
        net = Network(*sizes, seed=seed)
        alone, _ = train(net, rule(lr=lr), x, y, 12, **how)
        np.testing.assert_allclose(losses[:, i], alone, rtol=1e-7)
        np.testing.assert_allclose(many.vector()[i], net.vector(), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("outputs", [1, 2])
def test_each_network_may_have_examples_of_its_own(outputs):
    sets = [two_moons(60, seed=seed) for seed in (0, 1)]
    x, y = (np.stack([part[k] for part in sets]) for k in (0, 1))
    many = Network(2, 4, outputs, seed=[3, 5])
    losses, _ = train(many, Adam(lr=0.1), x, y, 9, batch=16)
    loss, grads = many.gradient(x, y)
    assert loss == pytest.approx(many.loss(x, y), rel=1e-12)
    for i, seed in enumerate((3, 5)):
        net = Network(2, 4, outputs, seed=seed)
        alone, _ = train(net, Adam(lr=0.1), *sets[i], 9, batch=16)
        np.testing.assert_allclose(losses[:, i], alone, rtol=1e-9)
        np.testing.assert_allclose(flat(grads)[i], flat(net.gradient(*sets[i])[1]), rtol=1e-7)
        assert many.accuracy(x, y)[i] == net.accuracy(*sets[i])


@pytest.mark.parametrize("schedule", [None, linear])
def test_divided_is_two_optimizers(schedule):
    x, y = two_moons(60)
    many = Network(2, 5, 3, 2, seed=[4, 7])
    opt = Divided(Muon(lr=0.1), Adam(lr=0.03))
    train(many, opt, x, y, 12, batch=16, schedule=schedule)
    for i, seed in enumerate((4, 7)):
        net, hidden, rest = Network(2, 5, 3, 2, seed=seed), Muon(lr=0.1), Adam(lr=0.03)
        for t, rows in enumerate(batches(60, 16, 12)):
            _, grads = net.gradient(x[rows], y[rows])
            for part, rate, keys in (
                (hidden, 0.1, ("W1", "W2")),
                (rest, 0.03, ("b1", "b2", "W3", "b3")),
            ):
                part.lr = rate if schedule is None else rate * (1 - t / 12)
                part.update({k: net.params[k] for k in keys}, {k: grads[k] for k in keys})
        np.testing.assert_allclose(many.vector()[i], net.vector(), rtol=1e-6, atol=1e-9)
    assert opt.hidden.lr == 0.1 and opt.rest.lr == 0.03 and "Muon(lr=0.1) for hidden" in repr(opt)


def test_muon_takes_each_of_several_networks_by_itself():
    x, y = two_moons(60)
    many = Network(2, 5, 2, seed=[4, 7])
    train(many, Muon(lr=0.05), x, y, 6)
    for i, seed in enumerate((4, 7)):
        net = Network(2, 5, 2, seed=seed)
        train(net, Muon(lr=0.05), x, y, 6)
        np.testing.assert_allclose(many.vector()[i], net.vector(), rtol=1e-6, atol=1e-9)


def test_vector_and_at_are_inverse():
    net = Network(3, 4, 2, seed=2)
    assert net.vector().size == sum(p.size for p in net.params.values()) == 26
    again = net.at(net.vector())
    for key, value in net.params.items():
        np.testing.assert_array_equal(again.params[key], value)
        assert not np.shares_memory(again.params[key], value)
    rows = net.at(np.stack([net.vector(), 2 * net.vector()]))
    np.testing.assert_array_equal(rows.params["W2"][1], 2 * net.params["W2"])


def test_one_output_is_two_with_a_zero():
    x, y = two_moons(30)
    one = Network(2, 4, 1)
    two = Network(2, 4, 2)
    two.params = {key: value.copy() for key, value in one.params.items()}
    two.params["W2"] = np.hstack([np.zeros((4, 1)), one.params["W2"]])
    two.params["b2"] = np.hstack([np.zeros((1, 1)), one.params["b2"]])
    np.testing.assert_allclose(one.probabilities(x), two.probabilities(x))
    np.testing.assert_allclose(one.loss(x, y), two.loss(x, y))


def test_large_logits_are_safe():
    net = Network(1, 2)
    net.params["W1"][:] = [[-1e4, 1e4]]
    x = np.array([[1.0], [-1.0]])
    with np.errstate(all="raise", under="ignore"):
        assert net.loss(x, np.array([1, 0])) == 0
        assert net.loss(x, np.array([0, 1])) == pytest.approx(2e4)


def test_float32_stays_float32():
    (x, y), _ = digits()
    assert x.dtype == np.float32
    net = Network(64, 8, 10, dtype=np.float32)
    losses, _ = train(net, Adam(lr=0.01), x, y, 5, 32)
    assert all(value.dtype == np.float32 for value in net.params.values())
    assert losses.dtype == np.float32


def test_first_weights():
    for activation, gain in (("tanh", 1), ("relu", 2)):
        net = Network(200, 300, 10, activation=activation)
        assert net.params["W1"].std() == pytest.approx(np.sqrt(gain / 200), rel=0.02)
        assert not net.params["b1"].any()
    again = Network(200, 300, 10, activation="relu")
    np.testing.assert_array_equal(net.params["W1"], again.params["W1"])


X, Y = two_moons(20)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: Network(), ValueError, "sizes two whole numbers"),
        (lambda: Network(3), ValueError, "sizes two whole numbers (3,)"),
        (lambda: Network(3, 0), ValueError, "sizes must be at least 1, got 0"),
        (lambda: Network(3, -1, 2), ValueError, "sizes must be at least 1, got -1"),
        (lambda: Network(2, 2.5, 1), TypeError, "sizes must be a whole number, got 2.5"),
        (lambda: Network(2, 1, activation="cosine"), ValueError, "activation tanh, relu 'cosine'"),
        (lambda: Network(2, 1, seed=1.5), TypeError, "seed must be a whole number"),
        (lambda: Network(2, 1, seed=[0, -1]), ValueError, "seed must be at least 0"),
        (lambda: Network(2, 1, dtype=int), ValueError, "dtype must be one of floats"),
        (lambda: Network(2, 1).at(np.zeros(4)), ValueError, "needs vectors of 3 numbers, got (4,)"),
        (lambda: batches(20, 0, 5).__next__(), ValueError, "batch must be from 1 to 20, got 0"),
        (lambda: batches(20, 21, 5).__next__(), ValueError, "batch must be from 1 to 20, got 21"),
        (lambda: train(Network(2, 1), SGD, X, Y, 5), TypeError, "SGD is a class"),
        (lambda: train(Network(2, 1), SGD(), X, Y, 2.5), TypeError, "steps must be a whole number"),
        (lambda: train(Network(2, 1), SGD(), X, Y, 5, batch=0), ValueError, "batch from 1 to 20"),
        (lambda: train(Network(2, 1), SGD(), X, Y, 5, batch=True), TypeError, "batch whole number"),
        (lambda: train(Network(2, 1), SGD(), X, Y, 5, keep=[6]), ValueError, "keep from 0 to 5"),
        (
            lambda: train_many(SGD, [0.1, 0.2], [0], (2, 1), X, Y, 5),
            ValueError,
            "2 rates and 1 seeds: give one for each network",
        ),
        (lambda: train_many(SGD, ["a"], [0], (2, 1), X, Y, 5), TypeError, "rates must be a number"),
        (lambda: train_many(SGD, [0.1], [0], (2, 1), X > 0, Y, 5), ValueError, "dtype floats"),
        (lambda: two_moons(1), ValueError, "n must be at least 2"),
        (lambda: two_moons(20, noise=-1), ValueError, "noise must be at least 0"),
        (
            lambda: Network(2, 1, seed=[0, 1]).loss(np.stack([X] * 3), np.stack([Y] * 3)),
            ValueError,
            "x must have shape (examples, 2) or (2, examples, 2), got (3, 20, 2)",
        ),
        (
            lambda: Network(2, 1, seed=[0, 1]).loss(np.stack([X] * 2), Y),
            ValueError,
            "y must be (2, 20) labels, got shape (20,)",
        ),
        (
            lambda: train(Network(2, 1), Divided(Muon(), Adam()), X, Y, 1),
            ValueError,
            "no hidden layer",
        ),
        (lambda: Divided(Muon, Adam()), TypeError, "Muon is a class"),
        (lambda: digits(test=1797), ValueError, "test must be from 0 to 1796"),
    ],
)
def test_what_no_network_can_do_gets_one_clear_line(call, error, words):
    complains(call, error, words)


@pytest.mark.parametrize("method", ["loss", "gradient", "accuracy"])
@pytest.mark.parametrize("outputs", [1, 2])
@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (X, Y[:, None], "y row of 20 labels (20, 1)"),
        (X, Y[:7], "y row of 20 labels (7,)"),
        (X, 2 * Y - 1, "y whole numbers from 0 to 1"),
        (X, 2 * Y, "y whole numbers from 0 to 1"),
        (X, Y.astype(float), "y whole numbers from 0 to 1"),
        (X, Y > 0, "y whole numbers from 0 to 1"),
        (X[:0], Y[:0], "y whole numbers from 0 to 1"),
        (X[:, :1], Y, "x must have shape (examples, 2), got (20, 1)"),
        (X[0], Y, "x must have shape (examples, 2), got (2,)"),
    ],
    ids=["column", "too few", "signs", "gaps", "floats", "bools", "none", "narrow", "one"],
)
def test_examples_that_do_not_fit_are_refused(method, outputs, x, y, words):
    """Each of them gave a number, or a traceback: labels −1 and 1 trained on a wrong loss."""
    complains(lambda: getattr(Network(2, 3, outputs), method)(x, y), ValueError, words)


def test_batches_cover_all_rows_in_each_round():
    rows = list(batches(10, 4, 7, seed=3))
    assert [len(part) for part in rows] == [4, 4, 2, 4, 4, 2, 4]
    first, second = np.concatenate(rows[:3]), np.concatenate(rows[3:6])
    assert sorted(first) == sorted(second) == list(range(10))
    assert list(first) != list(second)


def test_training_loop():
    x, y = two_moons(50)
    net, opt = Network(2, 3, 1), SGD(lr=0.5)
    by_hand = Network(2, 3, 1)
    losses, kept = train(net, opt, x, y, 3, keep=(1, 3), schedule=linear)
    for t in range(3):
        loss, grads = by_hand.gradient(x, y)
        assert loss == losses[t]
        for key in grads:
            by_hand.params[key] = by_hand.params[key] - 0.5 * (1 - t / 3) * grads[key]
        if t == 0:
            np.testing.assert_allclose(kept[0], by_hand.vector(), rtol=1e-12)
    np.testing.assert_allclose(kept[1], by_hand.vector(), rtol=1e-12)
    assert opt.lr == 0.5, "the schedule leaves the optimizer as it was"


def test_moons_lie_on_their_circles():
    x, y = two_moons(101, noise=0)
    assert x.shape == (101, 2) and set(y) == {0, 1}
    np.testing.assert_allclose(np.hypot(*x[y == 0].T), 1)
    np.testing.assert_allclose(np.hypot(*(x[y == 1] - [1, 0.5]).T), 1)
    assert x[y == 0, 1].min() > -1e-12 and x[y == 1, 1].max() < 0.5 + 1e-12
    blurred = two_moons(5000, noise=0.2)[0] - two_moons(5000, noise=0)[0]
    assert blurred.std() == pytest.approx(0.2, rel=0.05)


def test_what_lesson_13_says_of_straight_lines():
    """None gets more than 88 % of its moons right."""
    x, y = two_moons(400, noise=0.15, seed=0)
    angles = np.linspace(0, 2 * np.pi, 3600)
    right = 0
    for along in np.stack([np.cos(angles), np.sin(angles)], axis=1):
        class_0 = (y == 0)[np.argsort(x @ along)]
        right = max(right, np.max(np.cumsum(class_0) + np.sum(~class_0) - np.cumsum(~class_0)))
    assert right == 0.88 * 400


def test_digits():
    (x, y), (test_x, test_y) = digits()
    assert x.shape == (1437, 64) and test_x.shape == (360, 64)
    both = np.concatenate([x, test_x])
    assert both.min() == -1 and both.max() == 1 and set(np.unique(both * 8)) <= set(range(-8, 9))
    counts = np.bincount(np.concatenate([y, test_y]))
    assert counts.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]  # as published
    (ordered, _), (last, _) = digits(seed=None)
    assert ordered.shape == x.shape
    np.testing.assert_array_equal(
        np.sort(np.concatenate([ordered, last]), axis=0), np.sort(both, axis=0)
    )
    splits, (tests, labels) = digits(test=100, seed=[0, 3])
    assert splits[0].shape == (2, 1697, 64) and labels.shape == (2, 100)
    np.testing.assert_array_equal(tests[1], digits(test=100, seed=3)[1][0])
    with np.load(network.Path(network.__file__).parent / "data" / "digits.npz") as file:
        assert {name: (file[name].shape, file[name].dtype) for name in file} == {
            "images": ((1797, 8, 8), np.dtype("uint8")),
            "labels": ((1797,), np.dtype("uint8")),
        }
        np.testing.assert_array_equal(last[0], file["images"][-1].ravel() / 8.0 - 1)


def test_source_and_licence_of_the_digits_are_told():
    about = (network.Path(network.__file__).parent / "data" / "digits.txt").read_text(
        encoding="utf-8"
    )
    for word in ("Alpaydin", "Kaynak", "CC BY 4.0", "UCI"):
        assert word in about
