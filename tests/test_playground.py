"""The matrix playground: what `learn` computes, what is refused, and what the browser draws."""

import re

import numpy as np
import pytest
from helpers import complains
from lab import learn, playground
from lab.associations import FREQUENCIES, rotation, sides
from lab.live.playground import FACTORS, Playground, told
from picture_page import shown

from optimizers import SGD, AdaGrad, Adam, Lion, Momentum, Muon, RMSProp

RULES = SGD(lr=1), Adam(lr=0.02), Muon(lr=0.02)


# ---------------------------------------------------------------------------- what is computed


@pytest.mark.parametrize("turn", [0, 1, 7])
def test_gradient_descent_is_its_closed_form(turn):
    share = learn(SGD(lr=1.5), turn, steps=60).share
    t = np.arange(61)[:, None]
    assert np.allclose(share, 1 - (1 - 1.5 * FREQUENCIES) ** t, atol=1e-12)


def test_the_gradient_is_that_of_the_loss():
    keys, values = sides(2)
    W = np.random.default_rng(0).normal(size=(8, 8))

    def loss(W):
        return 0.5 * np.sum(FREQUENCIES * np.sum((W @ keys - values) ** 2, axis=0))

    first = learn(SGD(lr=1), 2, steps=1).weights[1]  # minus the gradient at zero
    slope = (loss(1e-6 * W) - loss(-1e-6 * W)) / 2e-6
    assert np.sum(-first * W) == pytest.approx(slope, rel=1e-8)


def test_half_times_and_steps():
    found = learn(SGD(lr=1))
    assert found.half.tolist() == [1, 4, 10, 17, 27, 38, 52, 68]
    assert learn(SGD(lr=1), steps=20).half.tolist() == [1, 4, 10, 17, *[np.inf] * 4]
    assert found.weights.shape == (81, 8, 8) and found.stretch.shape == (80, 8)
    first = np.linalg.norm(found.weights[1], 2)
    assert found.stretch[0, 0] == pytest.approx(first) == FREQUENCIES[0]
    assert (np.diff(found.stretch, axis=1) <= 0).all()


def test_what_is_lost_is_no_number_and_no_error():
    lost = learn(SGD(lr=1e9), steps=80)
    assert np.isnan(lost.share[-1]).any() and np.isnan(lost.stretch[-1]).all()
    assert np.isfinite(lost.stretch[0]).all()


@pytest.mark.parametrize("rule", [SGD(lr=1), Momentum(lr=0.1), Muon(lr=0.02)])
def test_rules_that_do_not_care_how_one_turns(rule):
    straight = learn(rule).share
    for turn in range(1, 6):
        assert np.allclose(learn(rule, turn).share, straight, atol=1e-8)


@pytest.mark.parametrize("rule", [Adam(lr=0.02), AdaGrad(lr=0.1), RMSProp(lr=0.01), Lion(lr=0.02)])
def test_rules_that_do(rule):
    straight = learn(rule).share
    assert np.ptp(learn(rule).half) <= 1  # each association has an entry of its own
    assert abs(learn(rule, 1).share - straight).max() > 0.2


def test_sides_are_rotations():
    assert np.array_equal(sides(0), [np.eye(8)] * 2)
    for side in (*sides(1), *sides(2), rotation(np.random.default_rng(3))):
        assert np.allclose(side.T @ side, np.eye(8), atol=1e-12)
        assert np.linalg.det(side) == pytest.approx(1)
    assert not np.allclose(*sides(1)) and not np.allclose(sides(1)[0], sides(2)[0])


def test_refusals():
    complains(lambda: learn(SGD(), turn=0.5), TypeError, "turn must be a whole number")
    complains(lambda: learn(SGD), TypeError, "SGD is a class")
    complains(lambda: playground(), ValueError, "one to 4 optimizers")
    complains(lambda: playground(*[SGD()] * 5), ValueError, "one to 4 optimizers")
    complains(lambda: playground(SGD(), turned=2), TypeError, "turned must be True or False")
    complains(lambda: playground(SGD(), at=81), ValueError, "at must be from 0 to 80")
    complains(lambda: playground(SGD(lr=np.array([1.0, 2.0]))), TypeError, "lr must be a number")


# ---------------------------------------------------------------------------- the still


def test_what_is_told():
    assert told([1, 4, 80], 80) == "Half learnt after 1, 4, 80 steps"
    assert told([1, np.inf], 80) == "Half learnt after 1, – steps (–: not in 80)"
    picture = playground(*RULES)
    assert isinstance(picture, Playground)
    assert "SGD(lr=1), keys and values along the axes" in repr(picture)
    assert "Half learnt after 1, 4, 10, 17, 27, 38, 52, 68 steps." in repr(picture)


def test_two_of_one_class_are_told_apart():
    names = [["SGD", "Adam"], ["Muon(lr=0.02)", "Muon(lr=0.02, momentum=0)"]]
    pairs = [RULES[:2], (Muon(lr=0.02), Muon(lr=0.02, momentum=0))]
    assert [playground(*pair).scene["sliders"][0]["values"] for pair in pairs] == names


def test_the_still_shows_the_opening(monkeypatch):
    kept = []
    monkeypatch.setattr("lab.live.playground.picture", lambda fig, text: kept.append(fig))
    for rule, at in ((Adam(lr=0.02), 12), (Muon(lr=0.02), 0)):
        playground(rule, turned=True, at=at).still()
        left, right = kept.pop().axes
        expected = learn(rule, 1)
        assert np.allclose([bar.get_height() for bar in left.patches], expected.share[at])
        tops = [bar.get_y() + bar.get_height() for bar in right.patches]
        assert np.allclose(tops, np.maximum(expected.stretch[at - 1], 1e-4)) if at else not tops


# ---------------------------------------------------------------------------- the browser


@pytest.fixture(scope="module")
def picture():
    return playground(*RULES)


@pytest.fixture
def page(browser, picture):
    """A page with the picture, and no kernel."""
    with shown(browser, picture) as page:
        yield page


def choose(page, rule=None, turned=None, lr=None, at=None):
    if rule:
        page.get_by_label("rule", exact=True).select_option(label=rule)
    if turned is not None:
        page.get_by_label("turn keys and values").set_checked(turned)
    if lr is not None:
        box = page.locator(".knob:visible input[type=text]")
        box.fill(str(lr))
        box.press("Enter")
    if at is not None:
        page.get_by_label("step shown").fill(str(at))


def bars(page, where, kind="bar"):
    """Return the top and the bottom of each bar of a kind, in pixels, upwards."""
    return np.array(
        page.locator(f"{where} .{kind}").evaluate_all(
            """all => all.map((bar) => {
                const [y, high] = ["y", "height"].map((name) => +bar.getAttribute(name));
                return [-y, -y - high];
            })"""
        )
    )


def read(tops, values):
    """Check that heights in pixels are a rising straight line of values."""
    slope, at_0 = np.polyfit(values, tops, 1)
    assert slope > 0 and np.allclose(slope * np.asarray(values) + at_0, tops, atol=0.2)


@pytest.mark.parametrize("rule, lr", [(rule, f) for rule in RULES for f in (0.5, 2)])
@pytest.mark.parametrize("turned", [False, True])
def test_the_browser_draws_what_is_computed(page, rule, lr, turned):
    rule = type(rule)(lr=lr * rule.lr)
    choose(page, type(rule).__name__, turned, rule.lr, at=9)
    expected = learn(rule, int(turned))
    share, drawn = np.clip(expected.share[9], -0.2, 1.6), bars(page, ".picture")
    ends, feet = np.where(share[:, None] > 0, drawn, drawn[:, ::-1]).T
    assert len(feet) == 8 and np.ptp(feet) < 1e-6  # they stand on 0, or hang from it
    read(np.append(ends, feet[0]), np.append(share, 0.0))
    if np.ptp(expected.stretch[8]) > 1e-3:
        read(bars(page, ".side")[:, 0], np.log10(np.clip(expected.stretch[8], 1e-4, 3)))
    said = page.locator(".readout").inner_text()
    assert told(expected.half, 80) in said
    assert f"largest singular value is {expected.stretch[8, 0]:.4g}," in said
    assert ("turned" if turned else "along the axes") in said


def test_only_adam_cares_how_one_turns(page):
    for rule in ("SGD", "Muon", "Adam"):
        choose(page, rule, False)
        before = bars(page, ".picture")
        choose(page, rule, True)
        same = np.allclose(bars(page, ".picture"), before, atol=0.1)
        assert same == (rule != "Adam")
        assert np.allclose(bars(page, ".picture", "ghost"), before, atol=0.1)
    assert "Dashed, before: Adam, lr 0.02, keys and values along the axes." in (
        page.locator(".readout").inner_text()
    )


def test_one_slider_is_shown_and_holds_its_rule(page):
    for rule, lr in (("SGD", "1"), ("Adam", "0.02"), ("Muon", "0.02")):
        choose(page, rule)
        assert page.locator(".knob:visible input[type=text]").input_value() == lr
        assert page.locator(".knob:visible input[type=range]").count() == 1
    choose(page, "SGD", lr=0.8)
    assert "0.8 is between two positions, so the nearest is shown, 0.75" in (
        page.locator(".notice").inner_text()
    )
    choose(page, lr=5)
    assert "the slider goes from 0.25 to 4" in page.locator(".notice").inner_text()


def test_what_leaves_the_picture_is_told(page):
    choose(page, "SGD", lr=4, at=80)
    row = page.locator(".readout .lost")
    assert row.count() == 1 and "Off the picture: 1." in row.inner_text()
    assert "more than a million times the smallest" in page.locator(".readout").inner_text()


def test_a_number_of_many_digits_has_an_exponent(page):
    """Here or told by a pointer: its digits past the fourth would be those of a rounding error."""
    choose(page, "SGD", lr=4, at=80)
    said = [page.locator(".readout").inner_text()]
    assert "largest singular value is 8.794e+16, more" in said[0]
    for axes in page.locator("svg:not(.legend)").all():
        said.append(axes.get_attribute("aria-label"))
        box = axes.bounding_box()
        page.mouse.move(box["x"] + 70, box["y"] + 0.4 * box["height"])
        said.append(axes.locator(".hover").text_content())
    assert "-5.436e+16 learnt" in said[2] and "8.794e+16" in said[4]
    assert not re.search(r"\d{7}", " ".join(said))
    assert not re.search(r"\d{7}", repr(playground(SGD(lr=4), at=80)))


@pytest.mark.parametrize("wide", [990, 360, 250])
def test_no_word_stands_on_a_bar(browser, picture, wide):
    with shown(browser, picture, wide) as page:
        choose(page, "SGD", lr=2, at=80)
        boxes = """all => all.map((e) => {
            const { left, right, top, bottom } = e.getBoundingClientRect();
            return [left, right, top, bottom];
        })"""
        names = page.locator(".picture .level").evaluate_all(boxes)
        assert len(names) == 2
        for left, right, top, bottom in page.locator(".picture .bar").evaluate_all(boxes):
            for a, b, high, low in names:
                assert a >= right or b <= left or high >= bottom or low <= top


def test_steps_reset_and_copy(page):
    assert "step 30 of 80" in page.locator(".transport").inner_text()
    choose(page, at=0)
    assert "No step yet." in page.locator(".readout").inner_text()
    assert np.allclose(np.diff(bars(page, ".picture")), 0)
    choose(page, "Muon", True, 0.04, at=12)
    page.get_by_role("button", name="Copy as code").click()
    code = page.locator("textarea.code").input_value()
    assert code == "playground(Muon(lr=0.04), SGD(lr=1), Adam(lr=0.02), turned=True, at=12)"
    assert eval(code).scene["first"]["0.lr"] == 0.04
    page.get_by_role("button", name="Reset").click()
    assert page.get_by_label("rule", exact=True).input_value() == "0"
    assert not page.get_by_label("turn keys and values").is_checked()
    assert "step 30 of 80" in page.locator(".transport").inner_text()


def test_it_works_with_the_keyboard_alone(page):
    page.get_by_label("rule", exact=True).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert page.locator(".knob:visible input[type=text]").input_value() == "0.03"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    said = page.locator(".readout").inner_text()
    assert "Adam, lr 0.03, keys and values turned." in said


def test_every_position_travels_with_it(picture):
    numbers = len(RULES) * 2 * len(FACTORS) * 81 * 16
    assert len(picture.scene["runs"]) == 4 * -(-4 * numbers // 3)  # base 64 of float32
    assert all(opt.lr in s["values"] for opt, s in zip(RULES, picture.scene["sliders"][1:]))
