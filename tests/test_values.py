"""Short forms, argument checks and agreement: what all of the lab says in one way."""

from fractions import Fraction

import numpy as np
import pytest
from helpers import complains
from lab.values import agree, bfloat16, box, is_a, label, numbers, real, setting, short, whole


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (3.0, "3"),
        (1 / 3, "0.333333"),
        (1e-9, "1.000e-09"),
        (True, "True"),
        ((1, 0.5), "(1, 0.500000)"),
        (list(range(12)), "(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)"),
        (list(range(13)), "(0, 1, 2, …, 12)"),
        (np.ones((20, 2)), "((1, 1), (1, 1), (1, 1), …, (1, 1))"),
        (np.float64(0.5), "0.500000"),
        (np.array(0.5), "0.500000"),
        (len, "len"),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
    ],
)
def test_values_are_shown_the_same_everywhere(value, text):
    assert label(value) == text


def test_short_forms_are_one_line():
    assert short(np.zeros((50, 50))).startswith("array([[0.") and "\n" not in short(
        np.zeros((9, 9))
    )
    assert short("a" * 500) == "'aaaaaaaaaaaa...aaaaaaaaaaaaa'"
    assert short(dict) == "the class dict"
    assert setting(0.1) == "0.1" and setting(np.ones(12)) == "<12 values>"


@pytest.mark.parametrize(
    "value", [3, np.int8(3), np.array(3), pytest.param(np.uint64(3), id="uint64")]
)
def test_a_whole_number_is_one_in_whatever_box_it_comes(value):
    assert whole("n", value) == 3 and type(whole("n", value)) is int


@pytest.mark.parametrize("value", [0.5, np.float32(0.5), np.array(0.5), Fraction(1, 2)])
def test_a_number_is_a_number_in_whatever_box_it_comes(value):
    assert real("x", value) == 0.5 and type(real("x", value)) is float


def test_numbers_are_copied():
    given = np.array([1.0, 2.0])
    found = numbers("x", given)
    found += 1
    assert given.tolist() == [1, 2] and found.tolist() == [2, 3]
    assert numbers("x", [[1], [2]]).shape == (2, 1) and numbers("x", 3).shape == ()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: whole("n", 2.0), TypeError, "n must be a whole number, got 2.0"),
        (lambda: whole("n", True), TypeError, "whole number True"),
        (lambda: whole("n", np.True_), TypeError, "whole number True"),
        (lambda: whole("n", "3"), TypeError, "whole number '3'"),
        (lambda: whole("n", np.ones(2, int)), TypeError, "whole number array([1, 1])"),
        (lambda: whole("n", -1), ValueError, "n must be at least 0, got -1"),
        (lambda: whole("n", 10, 1, 9), ValueError, "n must be from 1 to 9, got 10"),
        (lambda: whole("n", 0, 1, 9), ValueError, "n must be from 1 to 9, got 0"),
        (lambda: real("x", "0.1"), TypeError, "x must be a number, got '0.1'"),
        (lambda: real("x", False), TypeError, "number False"),
        (lambda: real("x", 1j), TypeError, "number 1j"),
        (lambda: real("x", None), TypeError, "number None"),
        (lambda: real("x", np.nan), ValueError, "x must be finite, got nan"),
        (lambda: real("x", 10**400), ValueError, "x must be finite"),
        (lambda: real("x", -1, least=0), ValueError, "x must be at least 0 and finite, got -1"),
        (lambda: real("x", 0, above=0), ValueError, "x must be greater than 0 and finite, got 0"),
        (lambda: real("x", 1, 0, below=1), ValueError, "at least 0 and less than 1 finite 1"),
        (lambda: numbers("x", [1, [2]]), TypeError, "x must be a number or an array of them"),
        (lambda: numbers("x", ["1"]), TypeError, "number ['1']"),
        (lambda: numbers("x", [True]), TypeError, "number [True]"),
        (lambda: numbers("x", [1j]), TypeError, "number 1j"),
        (lambda: numbers("x", [1, np.inf]), ValueError, "x must be finite, got [1, inf]"),
        (lambda: numbers("x", [1, -2], 0), ValueError, "at least 0 [1, -2]"),
        (lambda: numbers("x", 3, row=True), ValueError, "x must be a row of numbers, got 3"),
        (lambda: numbers("x", [], row=True), ValueError, "row of numbers []"),
        (lambda: box("view", ((1, 0), (0, 1))), ValueError, "view ((left, right), (bottom, top))"),
        (
            lambda: box("view", (0, 1)),
            ValueError,
            "view ((left, right), (bottom, top)), got (0, 1)",
        ),
    ],
)
def test_what_is_refused_is_refused_in_one_way(call, error, words):
    complains(call, error, words)


@pytest.mark.parametrize("expected", [1e-6, 0.1, 1.0, 250.0, -250.0, 1e9])
@pytest.mark.parametrize("within", [1e-6, 0.01, 0.5])
def test_agreement_is_a_share_of_what_was_predicted(expected, within):
    for sign in (1, -1):
        assert agree(expected * (1 + sign * 0.99 * within), expected, within)
        assert not agree(expected * (1 + sign * 1.01 * within), expected, within)


def test_agreement_with_zero_and_with_what_is_not_finite():
    assert agree(0.009, 0, 0.01) and not agree(0.011, 0, 0.01) and not agree(-0.011, 0, 0.01)
    never = agree([1, np.nan, np.inf, np.inf, 1], [np.nan, np.nan, np.inf, 1, np.inf], 1e9)
    assert not never.any()
    assert agree([1.0, 2.0], [1.0, 2.1], 0.01).tolist() == [True, False]


def test_a_class_made_anew_is_the_same_class():
    def made(name="Mine", module="a"):
        return type(name, (), {"__module__": module})

    assert is_a(made()(), made()) and is_a(type("Child", (made(),), {})(), made())
    assert not is_a(made("Other")(), made()) and not is_a(made(module="b")(), made())


@pytest.mark.parametrize(
    "x, held",
    [(1.001, 1), (0.999, 1), (0.998, 1 - 2**-8), (3.14159, 3.140625), (0, 0)]
    + [(1 + 2**-8, 1), (1 + 3 * 2**-8, 1 + 2**-6)]  # half-way: to the even one
    + [(np.inf, np.inf), (1e-45, 0)],
)
def test_bfloat16_is_the_nearest_number_of_8_binary_digits(x, held):
    assert bfloat16(x) == held and bfloat16(x).dtype == np.float32


def test_bfloat16_keeps_shapes_and_what_is_no_number():
    assert bfloat16(np.ones((2, 3))).shape == (2, 3)
    assert np.isnan(bfloat16(np.nan))
