"""The live roots of momentum: what is refused, what is told, and what the browser computes."""

import numpy as np
import pytest
from lab import bowl, descend, quadratic, roots, rosenbrock, rotated_bowl
from lab.live.roots import LRS, Roots, roots_of, told
from picture_page import shown

from optimizers import SGD, Adam, Momentum, Nesterov


@pytest.mark.parametrize(
    "optimizer, on, words",
    [
        (SGD(), bowl, "momentum=0 for gradient descent"),
        (Adam(), bowl, "momentum=0 for gradient descent"),
        (Nesterov(), bowl, "does not take the steps of the heavy ball"),
        (Momentum(), rosenbrock, "a quadratic along the axes"),
        (Momentum(), rotated_bowl(0.3), "a quadratic along the axes"),
    ],
)
def test_what_has_no_such_roots_is_refused(optimizer, on, words):
    with pytest.raises(ValueError, match=words):
        roots(optimizer, on=on)


def test_roots_are_those_of_the_polynomial():
    for lr, momentum in ((0.1, 0.9), (1.9, 0.9), (0.5, 0.0), (1.34, 0.4)):
        for curvature in (0.1, 2.0):
            expected = np.roots([1, -(1 + momentum - lr * curvature), momentum])
            found = np.sort_complex(roots_of(lr, momentum, curvature))
            assert np.allclose(found, np.sort_complex(expected), atol=1e-7)


def test_what_is_told():
    assert told(0.1, 0.9, 2.0).startswith("a pair of roots 0.850 ± 0.421i, at the distance 0.9487")
    assert told(0.01, 0.5, 1.0).endswith("creeps")
    assert told(0.9, 0.0, 2.0).endswith("changes sides at each step")
    assert told(1.95, 0.9, 2.0).endswith("one outside the unit circle: grows")
    assert told(2.0, 0.0, 2.0).endswith("beyond what is shown: grows")
    picture = roots(Momentum(lr=0.1), on=bowl)
    assert isinstance(picture, Roots) and "x, curvature 0.1" in repr(picture)
    assert picture.still().png.startswith(b"\x89PNG")


# Where roots meet or stand on the circle, on the sliders. A rounding error would make it say that
# a critical mode changes sides every million steps, and that the limit is beyond the limit.
EDGES = {
    (0.1, 0.81, 0.1): "a double root 0.9000: creeps",
    (0.18, 0.16, 2.0): "a double root 0.4000: creeps",
    (1.35, 0.35, 2.0): "two real roots -1.0000 and -0.3500, one on the unit circle: "
    "neither grows nor dies out",
    (1.9, 0.9, 2.0): "two real roots -1.0000 and -0.9000, one on the unit circle: "
    "neither grows nor dies out",
    (1.0, 0.0, 2.0): "two real roots -1.0000 and 0.0000, one on the unit circle: "
    "neither grows nor dies out",
    (0.5, 0.0, 2.0): "a double root 0.0000: arrives in one step",
    (1.8, 0.81, 2.0): "a pair of roots -0.895 ± 0.095i, at the distance 0.9000 from 0: swings, "
    "changes sides every 1.0 steps",
}


def test_at_the_edges_no_rounding_error_decides():
    assert {edge: told(*edge) for edge in EDGES} == EDGES


def drawn(monkeypatch, lr):
    """Return the two panels of the still."""
    kept = []
    monkeypatch.setattr("lab.live.roots.picture", lambda fig, text: kept.append(fig))
    roots(Momentum(lr=lr), on=bowl, steps=20).still()
    return kept[0].axes


def test_the_still_shows_the_roots_and_the_path(monkeypatch):
    plane, curves = drawn(monkeypatch, 0.3)
    dots = [line for line in plane.lines if line.get_marker() not in ("None", "")]
    assert len({line.get_marker() for line in dots}) == 2  # told apart in grey
    share = descend(Momentum(lr=0.3), bowl, steps=20).path / np.array(bowl.start)
    for k, curvature in enumerate((0.1, 2.0)):
        assert np.allclose(
            np.sort_complex(dots[k].get_xdata() + 1j * dots[k].get_ydata()),
            np.sort_complex(np.roots([1, -(1.9 - 0.3 * curvature), 0.9])),
        )
        assert np.allclose(curves.lines[k].get_ydata(), share[:, k], atol=1e-12)
    assert curves.get_ylim() == (-1.3, 1.3)
    assert drawn(monkeypatch, 1.6)[1].get_ylim() == (-4, 4)
    grows = drawn(monkeypatch, 1.95)[1].lines
    assert [len(line.get_ydata()) for line in grows] == [21, 3]  # it ends where it leaves for good


@pytest.fixture
def page(browser):
    """A page with `roots` of Momentum(lr=0.3, momentum=0.8) on the bowl, and no kernel."""
    with shown(browser, roots(Momentum(lr=0.3, momentum=0.8), on=bowl, steps=20)) as page:
        yield page


def choose(page, **settings):
    for name, value in settings.items():
        box = page.get_by_label(f"{name}, typed")
        box.fill(str(value))
        box.press("Enter")


def points(page, which):
    """Return the points of the lines of a kind, in pixels, one array of shape (n, 2) each."""
    texts = page.locator(which).evaluate_all("all => all.map((e) => e.getAttribute('points'))")
    return [np.array([p.split(",") for p in text.split()], dtype=float) for text in texts]


def dots(page):
    """Return the roots that are drawn, x's two and then y's, as complex numbers."""
    found = page.evaluate(
        """() => {
            const size = (name) => +document.querySelector(".unit").getAttribute(name);
            return [...document.querySelectorAll(".root")].map((dot) => {
                const { e, f } = dot.transform.baseVal.consolidate().matrix;
                return [(e - size("cx")) / size("r"), (size("cy") - f) / size("r")];
            });
        }"""
    )
    return np.array(found) @ [1, 1j]


@pytest.mark.parametrize("lr, momentum", [(0.3, 0.8), (0.05, 0.5), (1.3, 0.4), (0.7, 0.0)])
def test_the_browser_draws_the_roots_and_the_path(page, lr, momentum):
    choose(page, lr=lr, momentum=momentum)
    for found, curvature in zip(np.split(dots(page), 2), (0.1, 2.0)):
        expected = np.roots([1, -(1 + momentum - lr * curvature), momentum])
        assert np.allclose(np.sort_complex(found), np.sort_complex(expected), atol=1e-6)
        assert told(lr, momentum, curvature) in page.locator(".readout").inner_text()
    share = descend(Momentum(lr, momentum), bowl, steps=20).path / np.array(bowl.start)
    for line, expected in zip(points(page, ".side polyline:not(.faint)"), share.T):
        assert len(line) == 21 and np.allclose(np.diff(line[:, 0], n=2), 0, atol=0.21)
        slope, at_0 = np.polyfit(expected, line[:, 1], 1)  # pixels are a straight line of values
        assert slope < 0 and np.allclose(slope * expected + at_0, line[:, 1], atol=0.3)


def test_the_browser_says_the_same_at_the_edges(page):
    for (lr, momentum, curvature), words in EDGES.items():
        choose(page, lr=lr, momentum=momentum)
        row = page.locator(".readout li").nth(0 if curvature == 0.1 else 1)
        assert f"curvature {curvature:g}: {words}." in row.inner_text()


def test_the_way_of_the_roots_is_a_circle_between_two_meetings(page):
    choose(page, momentum=0.49, lr=0.01)
    choose(page, lr=1.47)  # both y roots are real at both ends, and a pair in between
    box = page.locator(".unit").evaluate("e => ['cx', 'cy', 'r'].map((k) => +e.getAttribute(k))")
    for way in points(page, ".picture .faint")[2:]:
        z = (way - box[:2]) / box[2] @ [1, -1j]
        pair = abs(z.imag) > 0.02
        assert pair.any() and np.allclose(abs(z[pair]), 0.7, atol=0.005)
        for meeting in (0.7, -0.7):
            assert abs(z - meeting).min() < 0.002
    page.get_by_role("button", name="Reset").click()
    assert not any(len(way) for way in points(page, ".picture .faint"))
    assert page.get_by_label("lr, typed").input_value() == "0.3"


def test_what_grows_is_told_and_leaves_the_curves(page):
    choose(page, momentum=0.9, lr=2)
    row = page.locator(".readout .lost")
    assert row.count() == 1 and "outside the unit circle: grows." in row.inner_text()
    assert "Its curve is off the picture from step 2 on." in row.inner_text()
    assert len(points(page, ".side polyline:not(.faint)")[1]) == 3
    choose(page, lr=2.5)
    assert "the slider goes from 0.01 to 2" in page.locator(".notice").inner_text()
    assert page.get_by_label("lr, typed").input_value() == "2"


def test_the_curves_can_be_scrubbed_and_the_setting_copied(page):
    page.get_by_label("step shown").fill("7")
    assert [len(line) for line in points(page, ".side polyline:not(.faint)")] == [8, 8]
    choose(page, lr=0.45)
    page.get_by_role("button", name="Copy as code").click()
    code = page.locator("input.code, textarea.code").first.input_value()
    assert code == "roots(Momentum(lr=0.45, momentum=0.8), on=bowl, steps=20)"


@pytest.mark.parametrize("wide", [990, 360, 250])
def test_the_name_of_the_circle_stands_clear(browser, wide):
    """Of the circle, of both its axes, and of what a pointer is told; and whole."""
    picture = roots(Momentum(lr=0.3, momentum=0.8), on=bowl, steps=20)
    with shown(browser, picture, wide) as page:
        plane = page.locator(".picture svg")
        page.mouse.move(*[plane.bounding_box()[side] + 99 for side in "xy"])
        lines, circle, frame, pointed = plane.evaluate(
            """svg => {
                const box = (node) => {
                    const { x, y, width, height } = node.getBBox();
                    return [x, y, x + width, y + height];
                };
                const one = (at) => box(svg.querySelector(at));
                const lines = [...svg.querySelector(".level").children].map((node) => {
                    const { x, y } = node.getEndPositionOfChar(node.textContent.length - 1);
                    return [node.textContent, x, y];
                });
                return [lines, one(".unit"), one(".border"), one(".hover")];
            }"""
        )
        middle, radius = (circle[0] + circle[2]) / 2, (circle[2] - circle[0]) / 2
        across = (circle[1] + circle[3]) / 2
        for _, right, foot in lines:
            assert right < middle and np.hypot(right - middle, across - foot) > radius + 2
            assert frame[1] + 9 < foot < pointed[1] - 9
        assert " ".join(word for word, *_ in lines) == "unit circle"
        assert plane.locator(".level").bounding_box()["x"] >= plane.bounding_box()["x"] + frame[0]
        assert frame[0] <= pointed[0] and pointed[2] <= frame[2]


def test_large_roots_have_an_exponent(browser):
    steep = quadratic(0.1, 4e7)
    words = told(0.3, 0.8, 4e7)
    assert words.startswith("two real roots -1.200e+07 and 0.0000")
    with shown(browser, roots(Momentum(lr=0.3, momentum=0.8), on=steep, steps=20)) as page:
        assert words in page.locator(".readout").inner_text()


def test_the_sliders_hold_the_opening():
    picture = roots(Momentum(lr=0.123, momentum=0.777), on=quadratic(0.5, 1.0))
    lr, momentum = picture.scene["sliders"]
    assert 0.123 in lr["values"] and 0.777 in momentum["values"]
    assert len(lr["values"]) == len(LRS) + 1
    assert picture.settings == {"lr": 0.123, "momentum": 0.777}
