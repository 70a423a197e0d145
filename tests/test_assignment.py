"""The famous assignment of chapter 13b, in full: its own points, start and batches.

Five rules take 50,000 steps each on three hundred points. Plain NumPy, with the assignment's layout
(an example is a column) and its seeds, so that nothing of the course's own code is in it.
"""

import numpy as np
import pytest

SIZES = (2, 5, 2, 1)


def moons():
    """scikit-learn's make_moons(300, noise=0.2) after np.random.seed(3): points and classes."""
    rng = np.random.RandomState(3)
    a = np.linspace(0, np.pi, 150)
    x = np.concatenate([[np.cos(a), np.sin(a)], [1 - np.cos(a), 0.5 - np.sin(a)]], axis=1).T
    y, order = np.repeat([0, 1], 150), np.arange(300)
    rng.shuffle(order)
    return (x[order] + rng.normal(scale=0.2, size=x.shape)).T, y[order][None]


def start():
    rng, params = np.random.RandomState(3), {}
    for k, (inputs, outputs) in enumerate(zip(SIZES, SIZES[1:]), start=1):
        params[f"W{k}"] = rng.randn(outputs, inputs) * np.sqrt(2 / inputs)
        params[f"b{k}"] = np.zeros((outputs, 1))
    return params


def forward(p, x):
    a1 = np.maximum(p["W1"] @ x + p["b1"], 0)
    a2 = np.maximum(p["W2"] @ a1 + p["b2"], 0)
    return a1, a2, 1 / (1 + np.exp(-(p["W3"] @ a2 + p["b3"])))


def gradient(p, x, y):
    a1, a2, a3 = forward(p, x)
    d3 = (a3 - y) / y.size
    d2 = p["W3"].T @ d3 * (a2 > 0)
    d1 = p["W2"].T @ d2 * (a1 > 0)
    errors = zip((d1, d2, d3), (x, a1, a2))
    return {
        f"{name}{k}": value
        for k, (d, before) in enumerate(errors, start=1)
        for name, value in (("W", d @ before.T), ("b", d.sum(axis=1, keepdims=True)))
    }


def step(kind, m, v, g, t):
    """Return the step over the learning rate, after bringing m and v up to date."""
    if kind == "gradient descent":
        return g
    m *= 0.9
    m += g if kind == "classical" else 0.1 * g
    if kind != "Adam":
        return m
    v *= 0.999
    v += 0.001 * g * g
    return m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)


@pytest.mark.parametrize(
    ("kind", "lr", "right"),
    [
        ("gradient descent", 0.0007, 239),
        ("EMA", 0.0007, 239),
        ("classical", 0.0007, 280),
        ("Adam", 0.0007, 282),
        ("gradient descent", 0.07, 282),
    ],
)
def test_the_numbers_of_the_assignment(kind, lr, right):
    (x, y), params, t = moons(), start(), 0
    m, v = ({key: np.zeros_like(p) for key, p in params.items()} for _ in range(2))
    for epoch in range(1, 10_001):
        order = np.random.RandomState(10 + epoch).permutation(300)
        for k in range(0, 300, 64):
            batch, t = order[k : k + 64], t + 1
            for key, g in gradient(params, x[:, batch], y[:, batch]).items():
                params[key] -= lr * step(kind, m[key], v[key], g, t)
    hits = int(np.sum((forward(params, x)[2] > 0.5) == y))
    assert abs(hits - right) <= 1  # of 300; the last digits of a matrix product differ by machine
