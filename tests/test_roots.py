"""The live roots of momentum: what is refused, what is told, and what the browser computes."""

import json
import shutil

import numpy as np
import pytest
from lab import bowl, descend, quadratic, roots, rosenbrock, rotated_bowl
from lab.live.roots import LRS, Roots, roots_of, told

from optimizers import SGD, Adam, Momentum, Nesterov

playwright = pytest.importorskip("playwright.sync_api")


@pytest.mark.parametrize(
    "optimizer, on, words",
    [
        (SGD(), bowl, "a rule with lr and momentum"),
        (Adam(), bowl, "a rule with lr and momentum"),
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
    assert told(0.01, 0.5, 1.0).endswith("creeps") and told(2.0, 0.5, 2.0).endswith("grows")
    assert told(0.9, 0.0, 2.0).endswith("changes sides at each step")
    picture = roots(Momentum(lr=0.1), on=bowl)
    assert isinstance(picture, Roots) and "x, curvature 0.1" in repr(picture)
    assert picture.still().png.startswith(b"\x89PNG")


PAGE = """async ([source, scene, settings]) => {
    const state = { scene, settings };
    const model = {
        get: (name) => state[name],
        set: (name, value) => { if (typeof name === "string") state[name] = value; return {}; },
        on() {}, off() {}, save_changes() {},
    };
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const { default: picture } = await import(url);
    const el = document.body.appendChild(document.createElement("div"));
    picture.render({ model, el });
    const lines = [...el.querySelectorAll("polyline:not(.faint)")];
    return [el.querySelector(".readout").innerText, lines.map((e) => e.getAttribute("points"))];
}"""


@pytest.mark.skipif(not shutil.which("chromium"), reason="no Chromium here")
def test_the_browser_computes_the_same():
    from jupyter_browser import chromium

    picture = roots(Momentum(lr=0.3, momentum=0.8), on=bowl, steps=20)
    run = descend(Momentum(lr=0.3, momentum=0.8), bowl, steps=20)
    share = run.path / run.path[0]
    with chromium(playwright) as browser:
        page = browser.new_page(viewport={"width": 900, "height": 700})
        scene = json.loads(json.dumps(picture.scene))
        words, points = page.evaluate(PAGE, [picture._esm, scene, picture.settings])
    for curvature in picture.scene["curvatures"]:
        assert told(0.3, 0.8, curvature) in words.replace("−", "-")
    for drawn, expected in zip(points, share.T):
        x, y = np.array([[float(n) for n in p.split(",")] for p in drawn.split()]).T
        assert len(x) == 21 and np.allclose(np.diff(x), np.diff(x)[0], atol=0.11)
        fit = np.polyfit(expected, y, 1)  # pixels are a straight line of the values
        assert fit[0] < 0 and np.allclose(np.polyval(fit, expected), y, atol=0.3)


def test_the_sliders_hold_the_opening():
    picture = roots(Momentum(lr=0.123, momentum=0.777), on=quadratic(0.5, 1.0))
    lr, momentum = picture.scene["sliders"]
    assert 0.123 in lr["values"] and 0.777 in momentum["values"]
    assert len(lr["values"]) == len(LRS) + 1 and picture.settings == {
        "lr": 0.123,
        "momentum": 0.777,
    }
