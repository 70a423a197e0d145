"""Adam with faults: each fault by the book, and the numbers it is known for."""

import copy
from math import inf, isnan, sqrt

import numpy as np
import pytest
from lab import bowl, descend
from lab.dialects import CHOICES, FaultyAdam, step_ratio

from optimizers import Adam

FAULTS = [{name: choice} for name, choices in CHOICES.items() for choice in choices[1:]] + [
    {"correction": "only m", "first_t": 2, "eps_place": "inside"}
]
each_fault = pytest.mark.parametrize("faults", FAULTS, ids=str)


def by_hand(gradients, lr, beta1, beta2, eps, correction="right", first_t=1, eps_place="outside"):
    """The steps of a faulty Adam in plain floats, each fault a line of its own."""
    m = v = 0.0
    steps = []
    for t, g in enumerate(gradients, first_t):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        m_hat, v_hat = m, v
        if correction in ("right", "only m"):
            m_hat = m / (1 - beta1**t)
        if correction == "right":
            v_hat = v / (1 - beta2**t)
        if correction == "no powers":
            m_hat, v_hat = m / (1 - beta1), v / (1 - beta2)
        if correction == "multiplied":
            m_hat, v_hat = m * (1 - beta1**t), v * (1 - beta2**t)
        if eps_place == "outside":
            steps.append(-lr * m_hat / (sqrt(v_hat) + eps))
        elif eps_place == "inside":
            steps.append(-lr * m_hat / sqrt(v_hat + eps))
        else:
            steps.append((-lr * m_hat / sqrt(v_hat) if v_hat else 0.0) + eps)
    return steps


def steps_of(opt, gradients):
    """The steps that an optimizer takes, each from 0."""
    found = []
    for g in gradients:
        params = {"x": 0.0}
        opt.update(params, {"x": g})
        found.append(params["x"])
    return found


@each_fault
def test_each_fault_against_its_transcription(faults):
    gradients = [0.0, *np.random.default_rng(0).normal(size=80).tolist(), 0.0, 3e-9]
    knobs = {"lr": 0.3, "beta1": 0.8, "beta2": 0.99, "eps": 1e-3}
    opt = FaultyAdam(**knobs, **faults)
    assert steps_of(opt, gradients) == by_hand(gradients, **knobs, **faults)
    assert opt.faults == faults
    assert steps_of(Adam(**knobs), gradients) != steps_of(FaultyAdam(**knobs, **faults), gradients)


def test_without_a_fault_it_is_adam_bit_for_bit():
    knobs = {"lr": 0.3, "beta1": 0.8, "beta2": 0.99, "eps": 1e-3}
    right, same = (descend(rule(**knobs), bowl, 200) for rule in (Adam, FaultyAdam))
    assert right.path.tobytes() == same.path.tobytes()
    assert FaultyAdam(0.3, 0.8).faults == {}
    assert repr(FaultyAdam(0.3, 0.8)) == "FaultyAdam(lr=0.3, beta1=0.8)"


@each_fault
def test_arrays_of_hyper_parameters_equal_a_loop_of_scalars(faults):
    rates, betas = np.array([0.01, 0.3, 2.0]), np.array([[0.0], [0.7]])
    many = descend(FaultyAdam(lr=rates, beta1=betas, eps=1e-4, **faults), bowl, 40)
    for i, j in np.ndindex(2, 3):
        knobs = {"lr": float(rates[j]), "beta1": float(betas[i, 0]), "eps": 1e-4}
        one = descend(FaultyAdam(**knobs, **faults), bowl, 40)
        np.testing.assert_allclose(many.path[:, i, j], one.path, rtol=1e-9, atol=1e-9)


@each_fault
def test_it_can_be_copied_reset_and_told_by_its_repr(faults):
    opt = FaultyAdam(lr=0.3, **faults)
    steps_of(opt, [1.0, 2.0])
    twin = copy.deepcopy(opt)
    assert repr(twin) == repr(opt) and all(repr(choice) in repr(opt) for choice in faults.values())
    assert steps_of(twin, [0.5, -1.0]) == steps_of(opt, [0.5, -1.0])
    opt.reset()
    assert steps_of(opt, [1.0]) == steps_of(FaultyAdam(lr=0.3, **faults), [1.0])


def test_a_float32_parameter_of_any_shape_stays_what_it_is():
    for shape in ((), (3,), (2, 0)):
        params = {"x": np.zeros(shape, dtype="f4")}
        FaultyAdam(eps_place="added").update(params, {"x": np.ones(shape, dtype="f4")})
        assert params["x"].dtype == "f4" and params["x"].shape == shape


def test_a_choice_can_be_changed_and_is_checked():
    opt = FaultyAdam(first_t=np.int64(2))
    opt.first_t = 1
    assert opt.faults == {}
    with pytest.raises(ValueError, match="first_t must be one of 1, 2, got 3"):
        opt.first_t = 3
    with pytest.raises(AttributeError, match="has no 'corection': its hyper-parameters"):
        opt.corection = "none"


@pytest.mark.parametrize("value", ["non", "", None, True, 0, 1.0, ["none"], np.ones(2), len])
@pytest.mark.parametrize("name", CHOICES)
def test_another_choice_is_refused_with_all_there_are(name, value):
    with pytest.raises(ValueError, match=f"FaultyAdam: {name} must be one of ") as error:
        FaultyAdam(**{name: value})
    assert all(repr(choice) in str(error.value) for choice in CHOICES[name])


@pytest.mark.parametrize(
    ("knobs", "error", "word"),
    [
        ({"lr": -1}, ValueError, "FaultyAdam: lr"),
        ({"beta1": 1.0}, ValueError, "FaultyAdam: beta1"),
        ({"eps": 0}, ValueError, "FaultyAdam: eps"),
        ({"lr": "fast"}, TypeError, "lr must be a number"),
        ({"corection": "none"}, TypeError, "corection"),
    ],
)
def test_its_knobs_are_adams(knobs, error, word):
    with pytest.raises(error, match=word):
        FaultyAdam(**knobs)


# What the faults do


def multiplier(steps=10_000, g=1.0, knobs=None, **faults):
    """The steps under a constant gradient, in units of Adam's own."""
    return step_ratio(FaultyAdam(**knobs or {}, **faults), Adam(), np.full((steps, 1), g))


def test_no_correction_starts_at_3_16_and_peaks_at_6_57():
    ratio = multiplier(correction="none")
    t = np.arange(1, 10_001)
    np.testing.assert_allclose(ratio, (1 - 0.9**t) / np.sqrt(1 - 0.999**t), rtol=1e-5)
    assert ratio[0] == pytest.approx(sqrt(10), rel=1e-4)
    assert ratio.max() == pytest.approx(6.57, abs=5e-3) and ratio.argmax() + 1 == 12


def test_no_powers_falls_to_0_316():
    ratio = multiplier(correction="no powers")
    found = ratio[[0, 9, 99, 9_999]]
    np.testing.assert_allclose(found, [1, 2.06, 1.02, 0.316], rtol=5e-3)


def test_only_m_and_multiplied():
    assert multiplier(correction="only m")[0] == pytest.approx(sqrt(1000), rel=1e-4)
    ratio = multiplier(correction="multiplied")
    assert (ratio[0], ratio.max()) == (pytest.approx(10, rel=1e-4), pytest.approx(43.1, abs=0.1))
    assert ratio.argmax() + 1 == 12


def test_a_t_that_starts_at_2_takes_a_first_step_of_0_744():
    assert multiplier(first_t=2)[0] == pytest.approx(0.744, abs=5e-4)


def test_beta1_0_7_without_correction_takes_twelve_steps_in_one():
    ratio = multiplier(correction="none", knobs={"beta1": 0.7})
    assert ratio[0] == pytest.approx(9.49, abs=5e-3)
    assert ratio.max() == pytest.approx(12.0, abs=0.05) and ratio.argmax() + 1 == 4


def test_the_place_of_eps_shows_only_where_gradients_are_small():
    assert multiplier(eps_place="inside") == pytest.approx(1, abs=1e-8)
    # |g| = √ε: the root is √(g² + ε) = √2 |g|.
    small = multiplier(eps_place="inside", g=1e-4)
    assert small == pytest.approx(1 / sqrt(2), rel=2e-4)


def test_an_eps_that_is_added_drifts_and_then_holds_off_the_minimum():
    """Far out N steps drift by Nε. Near the minimum Adam's pull, ηλx/√v̂, comes to rest at ε."""
    ones = [1.0] * 1000
    drift = sum(steps_of(FaultyAdam(eps_place="added"), ones)) - sum(steps_of(Adam(), ones))
    assert drift == pytest.approx(1000 * 1e-8, rel=2e-2)

    right, wrong = (
        descend(rule, bowl, 1000)
        for rule in (
            Adam(lr=0.3),
            FaultyAdam(lr=0.3, eps_place="added"),
        )
    )
    assert right.final < 1e-40 and 1e-17 < wrong.final < 1e-16
    v_hat = np.array([wrong.optimizer.v[key] / (1 - 0.999**1000) for key in "xy"])
    rest = 1e-8 * np.sqrt(v_hat) / (0.3 * np.array([0.1, 2.0]))
    np.testing.assert_allclose(wrong.end, rest, rtol=0.02)


def test_a_step_ratio_is_nan_or_infinite_where_there_is_nothing_to_compare():
    with np.errstate(all="raise"):
        still = step_ratio(FaultyAdam(correction="none"), Adam(), np.zeros((2, 2)))
        alone = step_ratio(FaultyAdam(eps_place="added"), Adam(), np.zeros((2, 2)))
        empty = step_ratio(FaultyAdam(), Adam(), np.zeros((0, 2)))
    assert all(isnan(ratio) for ratio in still)
    assert alone.tolist() == [inf, inf] and empty.shape == (0,)
