"""Faults that no step shows: what a rule does to the arrays that it is given, and to its own.

Each asks one question of a ReadersRule, and raises Wrong. `begins_anew` comes before its steps are
looked at, and HABITS when they are right.
"""

from dataclasses import fields

import numpy as np

from .verdict import Wrong

SOME = np.array([[1.0, -2.0, 3.0], [2.0, 1.0, -1.0], [0.5, 0.5, 2.0]])  # whole numbers at first
MATRICES = np.stack([SOME, SOME[:, ::-1] + [[0], [1], [0.5]]], axis=-1)


def some(mine):
    """Three gradients for a rule: of single numbers, or matrices for one that works on these."""
    return SOME if mine.rule.elementwise else MATRICES


def changes_in_place(mine, knobs):
    """Does the caller's own parameter array move, or stay, as the interface has it?"""
    optimizer, x = mine(**knobs), some(mine)[0].copy()
    before = x.copy()
    mine.moved(optimizer, x, before.copy())
    if mine.in_place and np.array_equal(x, before):
        raise Wrong(
            "your update puts a new array into params, and the one that was there never moves",
            "a network that holds the old array never learns: write params[key] -= …, "
            "not params[key] = params[key] - …",
        )
    if not mine.in_place and not np.array_equal(x, before):
        raise Wrong(
            "yours changes the array w that it was given, and returns it",
            "whoever keeps it, as a history of the path does, keeps one array many times: "
            "write w = w - …, not w -= …",
        )


def leaves_gradients(mine, knobs):
    """Does it leave the caller's gradients alone?"""
    optimizer, given = mine(**knobs), [g.copy() for g in some(mine)]
    for g in given:
        mine.moved(optimizer, np.ones(g.shape), g)
    if not np.array_equal(given, some(mine)):
        raise Wrong(
            "yours changes the gradient array that it was given",
            "does a memory begin as the gradient itself? Keep a copy, or begin with zeros",
        )


def keeps_copies(mine, knobs):
    """Is its memory its own, when the caller uses one array for all gradients?"""
    given, optimizer = some(mine), mine(**knobs)
    right, buffer = mine.steps(given, knobs, 1.0), np.empty(given[0].shape)
    for g, wanted in zip(given, right):
        buffer[...] = g
        moved = mine.moved(optimizer, np.ones(g.shape), buffer) - 1
        if not np.allclose(moved, wanted, rtol=1e-9):
            raise Wrong(
                "yours goes wrong when all gradients come in one array that is filled anew",
                "what it remembers is that array itself: keep a copy",
            )


def takes_whole_numbers(mine, knobs):
    """Is its memory made for fractions, when the first gradients are whole numbers?"""
    given = some(mine)
    right, optimizer = mine.steps(given, knobs, 1.0), mine(**knobs)
    for g, wanted in zip(given[:2].astype(int), right):
        moved = mine.moved(optimizer, np.ones(g.shape), g) - 1
        if not np.allclose(moved, wanted, rtol=1e-6):
            raise Wrong(
                "yours goes wrong with gradients of whole numbers",
                "its memory is made like the gradient, and rounds: make it like the parameter",
            )


def begins_anew(mine, knobs):
    """Does a second one begin with nothing remembered?"""
    one, other = (mine.steps(some(mine), knobs, 1.0) for _ in range(2))
    if not np.allclose(one, other, rtol=1e-9, equal_nan=True):
        raise Wrong(
            "a second optimizer of yours remembers what the first one saw",
            "its memory belongs to the class: make it in __init__, with self.",
        )


def takes_single_numbers(mine, knobs):
    """Does it run where a parameter is one number, as on every map: an array without entries?"""
    if not mine.rule.elementwise:
        return
    wanted, optimizer = mine.steps(SOME, knobs, 1.0)[:, 0], mine(**knobs)
    try:
        ends = [mine.moved(optimizer, np.array(1.0), np.array(g)) for g in SOME[:, 0]]
    except Exception as error:
        problem = " ".join(str(error).split())
    else:
        if np.allclose(ends, 1 + wanted, rtol=1e-9):
            return
        problem = "the steps are others"
    raise Wrong(
        f"yours takes an array, but not a single number, a parameter of shape (): {problem}",
        "a map's x and y are such numbers, with nothing to index: write v[...] = …, not v[:] = …",
    )


def keeps_parameters_apart(mine, knobs):
    """Does a second parameter change nothing for the first?"""
    if not mine.in_place:
        return
    alone, optimizer = mine.steps(some(mine), knobs, 1.0), mine(**knobs)
    for g, wanted in zip(some(mine), alone):
        params = {"x": np.ones(g.shape), "y": np.ones((2, 2))}
        optimizer.update(params, {"x": g.copy(), "y": np.ones((2, 2))})
        if not np.allclose(params["x"] - 1, wanted, rtol=1e-9):
            raise Wrong(
                "with a second parameter, the first one is moved by other steps",
                "is t raised, or one memory used, for each parameter in turn?",
            )


def is_the_same_far_away(mine, knobs):
    """Do steps depend on the gradients alone, wherever x is?"""
    if "weight_decay" in knobs:
        return
    near, far = (mine.steps(some(mine), knobs, start) for start in (0.0, 4096.0))
    if not mine.in_place and np.allclose(near, far + 4096):
        raise Wrong("yours returns the step alone", "return the next w: w plus the step")
    if not np.allclose(near, far, rtol=1e-6, atol=1e-9):
        raise Wrong(
            "far from 0 yours takes other steps",
            "a step depends on the gradients alone: nothing is cut, clamped or kept in a frame",
        )


def runs_many_at_once(mine, knobs):
    """Do arrays of hyper-parameters work, as live maps use them?"""
    if mine.kind != "rule" or not mine.rule.elementwise:
        return
    for name in (field.name for field in fields(mine.rule)):
        two = np.array([knobs[name], knobs[name] / 2])
        one_by_one = [mine.steps(SOME[:, :1], knobs | {name: float(v)}, 1.0)[:, 0] for v in two]
        try:
            both = mine.steps(SOME[:, [0, 0]], knobs | {name: two}, 1.0)
        except Exception as error:
            problem = " ".join(str(error).split())
        else:
            problem = "the steps are others"
            if np.allclose(both, np.transpose(one_by_one), rtol=1e-9):
                continue
        raise Wrong(
            f"yours takes one {name}, but not an array of them: {problem}",
            "a live map runs a hundred at once: np.sqrt for math.sqrt, np.where for if",
        )


HABITS = (
    changes_in_place,
    leaves_gradients,
    keeps_copies,
    takes_whole_numbers,
    takes_single_numbers,
    keeps_parameters_apart,
    is_the_same_far_away,
    runs_many_at_once,
)
