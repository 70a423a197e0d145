"""What live pictures compute without a kernel is what the kernel would have sent."""

import base64
import json
import random
from dataclasses import replace

import numpy as np
import pytest
from lab import LANDSCAPES, bowl, descend, landscape_of, plane, stage
from lab.dialects.faults import FaultyAdam
from lab.landscapes import quadratic
from lab.live import tracing
from lab.live.injector import injector
from lab.theory import heavy_ball_rate, nesterov_rate
from picture_page import shown
from seen import everything

import optimizers
from optimizers import SGD, Adam, AdamW, Momentum, Muon, Nesterov, Optimizer

RULES = [getattr(optimizers, name) for name in optimizers.__all__[1:]]
ELEMENTWISE = [rule for rule in RULES if rule.elementwise]

# A picture's script with all results that the kernel can send, each compared with the program's:
# [how many points and verdicts there are, how many differ, one of those that do].
COMPARE = """async ([source, scene, opening, runs, all, allRuns]) => {
    const url = URL.createObjectURL(
        new Blob([source, "\\nexport { makeResults, runs };"], { type: "text/javascript" }));
    const { makeResults, runs: own } = await import(url);
    const unpack = (text) =>
        new DataView(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
    const state = { scene, opening, opening_runs: unpack(runs) };
    const { compute } = makeResults({ get: (name) => state[name] }, own);
    if (!compute) return null;
    const wanted = new Float32Array(unpack(allRuns).buffer);
    const near = (a, b) => Math.abs(a - b) <= 1e-6 + 1e-4 * Math.abs(b);
    const close = (a, b) => Object.is(a, b) || a === b || near(a, b);
    let [next, points, far, told, others, example] = [0, 0, 0, 0, 0, ""];
    const seen = {}, known = new Map();
    const once = (slider, value) => {
        const settings = slider ? { ...scene.first, [slider]: value } : scene.first;
        const key = `${slider} ${value}`;
        if (!known.has(key)) known.set(key, compute(settings).results);
        return known.get(key);
    };
    for (const [slider, rule, verdicts] of all.table) {
        const { values } = scene.sliders.find(({ name }) => name === slider) ?? {};
        verdicts.forEach((verdict) => {
            const k = (seen[`${slider} ${rule}`] ??= []).push(verdict) - 1;
            const value = typeof values?.[k] === "string" ? k : values?.[k];
            const found = once(slider, value)[rule];
            if (String(found.verdict) !== String(verdict)) {
                others++;
                example = `${slider} ${value}: ${found.verdict} for ${verdict}`;
            }
            told++;
            for (let at = 0; at < found.points.length; at += scene.columns, points++) {
                const same = [...Array(scene.columns).keys()].every((column) =>
                    close(found.points[at + column], wanted[next + at + column]));
                if (!same) far++;
            }
            next += found.points.length;
        });
    }
    if (next !== wanted.length) throw new Error(`${next} numbers for ${wanted.length}`);
    return { points, far, told, others, example };
}"""


def compared(browser, picture):
    page = browser.new_page()
    try:
        reply, runs = everything(picture)
        packed = [base64.b64encode(each).decode() for each in (picture.opening_runs, runs)]
        scene, opening, reply = json.loads(json.dumps([picture.scene, picture.opening, reply]))
        return page.evaluate(COMPARE, [picture._esm, scene, opening, packed[0], reply, packed[1]])
    finally:
        page.close()


def agrees(browser, picture, apart=0.0):
    """All that a picture can tell is what the kernel would tell, but for a share of it."""
    found = compared(browser, picture)
    assert found and found["told"] > 100
    assert found["far"] <= apart * found["points"], found
    assert found["others"] <= apart * found["told"], found


def test_every_rule_on_every_landscape(browser):
    """All positions of their sliders on the bowl, and their openings on all others."""
    others = [name for name in LANDSCAPES if name != "bowl"]
    agrees(browser, stage(*[rule() for rule in ELEMENTWISE], on="bowl", landscapes=others))


@pytest.mark.parametrize("name", LANDSCAPES)
def test_every_landscape_at_every_rate(browser, name):
    """Between two wells, at rates that jump to and fro, the last digit of exp grows."""
    rules = SGD(lr=0.01), Momentum(lr=0.01), Adam(lr=0.1)
    agrees(browser, stage(*rules, on=name), 0.02 if name == "two wells" else 0.0)


class Swapping(SGD):
    """Steps by the gradient before the last, with memory that moves on by itself."""

    memory = ("a", "b")

    def step(self, g, a, b):
        delta = -self.lr * (b - -0.01)
        b[...] = a
        a[...] = g
        return delta


def test_memory_that_moves_on(browser):
    agrees(browser, stage(Swapping(lr=0.1), on=bowl))


def test_a_landscape_that_turns(browser):
    agrees(browser, stage(SGD(lr=0.9), AdamW(lr=0.3), on=bowl, turns=range(0, 91), knobs=["lr"]))


def test_planes_with_what_is_predicted(browser):
    formulas = [
        lambda lr, m: np.maximum(heavy_ball_rate(lr, m, 0.1), heavy_ball_rate(lr, m, 2)),
        lambda lr, m: np.maximum(nesterov_rate(lr, m, 0.1), nesterov_rate(lr, m, 2)),
        lambda lr, m: np.maximum(abs(1 - 0.1 * lr), abs(1 - 2 * lr)) + 0 * m,
    ]
    axes = {"x": ("lr", np.arange(1, 101) / 50), "y": ("momentum", np.arange(50) / 50)}
    rules = Momentum(lr=0.1), Nesterov(lr=0.1), SGD(lr=0.1)
    agrees(browser, plane(*rules, on=bowl, start=(3, 2), predicted=formulas, **axes))


def test_a_plane_of_a_rule_with_more_knobs_and_runs_that_arrive(browser):
    """From the minimum itself there is no rate; an Adam that is at rest has one all the same."""
    axes = {"x": ("lr", np.arange(1, 81) / 40), "y": ("beta1", np.arange(40) / 40)}
    agrees(browser, plane(Adam(lr=0.5, beta2=0.9), SGD(lr=0.5), on=quadratic(1.0, 1.0), **axes))


@pytest.mark.parametrize("faults", [{}, {"first_t": 2}, {"correction": "only m"}])
def test_the_injector_with_every_switch(browser, faults):
    agrees(browser, injector(FaultyAdam(lr=0.3, **faults), start=(4, 3)))


def test_an_injector_whose_adam_is_lost(browser):
    """From there on no right step is known."""
    agrees(browser, injector(Adam(lr=9.0), on="rosenbrock"))


def test_far_out_and_on_steep_ground(browser):
    """A run may go twice as far as its start, and is lost where a gradient is near overflow."""
    agrees(browser, stage(SGD(lr=0.1), Momentum(lr=0.1), on=bowl, start=(190, 60)))
    for a, b in ((2e149, 1.0), (1.0, 2e149)):
        agrees(browser, stage(Adam(lr=9.0), on=quadratic(a, b, start=(1.0, 1.0))))


class Signs(Optimizer):
    """A reader's own rule, with memory that is set by its name."""

    lr: float = 0.1
    beta: float = 0.5
    memory = ("m",)

    def step(self, g, m):
        m[...] = self.beta * m + np.sign(g) * (1 - self.beta)
        return -self.lr * np.where(abs(m) > 0.1, m, 0)


def test_a_readers_own_rule_and_landscape(browser):
    hills = landscape_of(
        lambda x, y: x**2 / 10 + np.sin(x) + np.cos(y) ** 2,
        view=((-5, 5), (-3, 3)),
        start=(4, 1),
        gradient=lambda x, y: (x / 5 + np.cos(x), -2 * np.sin(y) * np.cos(y)),
        name="hills",
    )
    agrees(browser, stage(Signs(), SGD(lr=0.1), on=hills))


SLOPES = [
    lambda x, y: x * y**2 / 2 + 0.1 * (x - 2.3) ** 2 / 2,
    lambda x, y: np.sqrt(1 + x * x) + np.exp(-y / 3) - np.sin(x) / (2 + np.cos(y)) * 0.3,
    lambda x, y: np.log(2 + x**4) + np.log1p(y * y) * (3 - x) ** 2 / 20 + np.square(y) / 9,
    lambda x, y: np.tanh(x) ** 2 + np.sinh(y / 3) * np.arctan(y) + np.cosh(x / 4) + np.tan(x / 9),
    lambda x, y: (x * x + 1) ** 1.5 / 9 + 2.0 ** (y / 2) + np.expm1(y / 4) - x / 7,
    lambda x, y: np.float_power(x * x + 2, y / 9) + x * x / 9 + np.power(y * y + 1, 0.7),
    lambda x, y: np.where(x > 0, x**3, x * x) / 9 + np.maximum(y, 0.1 * y * y),
    lambda x, y: x * x / 9 + y * y / 5 - np.minimum(x, y) / 9,
]


@pytest.mark.parametrize("f", SLOPES)
def test_a_function_whose_gradient_is_derived(browser, f):
    """By the chain rule in the browser, and in Python by a complex step."""
    on = landscape_of(f, start=(3.3, 2.7), minima=())
    assert "complex" in on.slope.__name__
    agrees(browser, stage(Adam(lr=0.05), on=on, steps=30, ranges={"lr": (0.001, 0.3)}))


def test_a_function_of_real_numbers_only(browser):
    """Python's own differences are written down."""
    on = landscape_of(lambda x, y: np.hypot(x, 1) + y * y * np.sign(y), start=(3, 2), minima=())
    assert "differences" in on.slope.__name__
    agrees(browser, stage(Adam(lr=0.05), on=on, steps=30, ranges={"lr": (0.001, 0.3)}))


def test_a_gradient_of_the_readers_own_that_cannot_be_written_down(browser):
    on = landscape_of(
        lambda x, y: x * x / 9 + y * y,
        gradient=lambda x, y: np.stack([2 * x / 9, 2 * y]),
        start=(3, 2),
    )
    agrees(browser, stage(SGD(lr=0.05), on=on))


# What cannot be written down


def test_a_rule_as_javascript():
    assert tracing.rule_program(SGD(lr=0.1))["step"] == (
        "const a0=-k[0];const a1=a0*g;const a2=s[0]+a1;s[0]=a2;"
    )
    assert tracing.rule_program(Momentum())["step"] == (
        "const a0=s[1]*k[1];const a1=k[0]*g;const a2=a0-a1;const a3=s[0]+a2;s[0]=a3;s[1]=a2;"
    )


class Branching(SGD):
    def step(self, g):
        return -self.lr * g if g > 0 else g


class Warming(SGD):
    def step(self, g):
        return -self.lr * g * (0.1 if self.t == 1 else 1)


class Cooling(SGD):
    def step(self, g):
        return -self.lr * g * (0.1 if self.t != 1 else 1)


class Masking(Momentum):
    def step(self, g, v):
        v[g > 0] = 0.0
        return super().step(g, v)


class Picking(SGD):
    def step(self, g):
        return -self.lr * g[..., None][..., 0]


class Counting(SGD):
    _count = 0

    def step(self, g):
        self._count += 1
        return -self.lr * g / self._count


class Remembering(SGD):
    def step(self, g):
        vars(self).setdefault("_past", [1.0])[0] *= 0.5
        return -self.lr * g * self._past[0]


class Summing(SGD):
    def step(self, g):
        return -self.lr * g / (1 + np.sum(g))


class Failing(SGD):
    def step(self, g):
        return -self.lr * (g if isinstance(g, (float, np.ndarray)) else g.no_such_name)


def test_with_a_program_nothing_but_the_opening_is_sent():
    """Else a map of all rules would weigh megabytes, in the notebook as well."""
    made = stage(*[rule() for rule in ELEMENTWISE], on=bowl)
    assert len(made.opening["table"]) == len(ELEMENTWISE)
    assert len(made.opening_runs) + len(json.dumps(made.scene)) < 200_000


@pytest.mark.parametrize("rule", [Muon, Warming, Counting, Masking, Summing, Failing])
def test_what_is_no_plain_arithmetic_asks_the_kernel(rule):
    made = stage(rule(lr=0.1), on=bowl, steps=5)
    assert made.scene["program"] is None
    sliders = [slider for slider in made.scene["sliders"] if rule.elementwise]
    assert len(made.opening["table"]) == 1 + len(sliders)  # then all positions are sent at once


@pytest.mark.parametrize(
    "rule, why",
    [
        (Branching, "neither true nor false"),
        (Warming, "compared for equality"),
        (Cooling, "compared for equality"),
        (Masking, "a part of a symbol"),
        (Picking, "a part of a symbol"),
        (Counting, "more than its memory"),
        (Remembering, "more than its memory"),
        (Muon, "a loop of its own"),
    ],
)
def test_why_a_rule_cannot_be_written_down(rule, why):
    with pytest.raises(tracing.Untraceable, match=why):
        tracing.rule_program(rule())


@pytest.mark.parametrize(
    "value",
    [
        lambda x, y: x * x if x > 0 else y,
        lambda x, y: np.stack([x, y]).sum(0),
        lambda x, y: np.frexp(x)[0] + y,
        lambda x, y: float(x) + y,
    ],
)
def test_a_landscape_that_is_no_plain_arithmetic(value):
    assert tracing.program([SGD()], [bowl]) is not None
    assert tracing.program([SGD()], [replace(bowl, value=value)]) is None


class Drawing(SGD):
    def step(self, g):
        return -self.lr * g * random.random()


def test_a_program_that_finds_another_opening_is_not_used(browser):
    made = stage(Drawing(lr=0.5), on=bowl)
    assert made.scene["program"] is not None
    assert compared(browser, made) is None


def test_a_program_that_does_not_know_a_slider_is_not_used(browser):
    made = stage(SGD(lr=0.5), on=bowl)
    new = {**made.scene["sliders"][0], "name": "noise"}
    made.scene = {**made.scene, "sliders": [*made.scene["sliders"], new]}
    assert compared(browser, made) is None


# What a reader sees of it


def test_a_start_dragged_without_a_kernel(browser):
    """The path is that of the start, to the last digit told; nothing waits, and nobody is asked."""
    with shown(browser, stage(SGD(lr=0.5), Momentum(lr=0.1), on=bowl)) as page:
        start = page.locator(".start")
        start.press("Shift+ArrowRight")
        start.press("ArrowUp")
        assert not page.locator(".asked, .waiting").count()
        assert page.locator(".notice").inner_text() == ""
        at = start.get_attribute("aria-label").partition("(")[2].partition(")")[0]
        told = page.locator(".readout").inner_text()
        for rule in (SGD(lr=0.5), Momentum(lr=0.1)):
            run = descend(rule, bowl, start=[float(part) for part in at.split(", ")])
            assert f"f = {run.f[-1]:.3e}" in told


def test_a_number_is_refused_in_the_words_of_the_rule(browser):
    with shown(browser, stage(Adam(lr=0.3), on=bowl)) as page:
        for name, typed in (("lr", "-1"), ("beta1", "1")):
            number = page.get_by_label(f"Adam {name}, typed")
            before = number.input_value(), page.locator(".readout").inner_text()
            number.fill(typed)
            number.press("Enter")
            with pytest.raises(ValueError) as error:
                Adam(**{name: float(typed)})
            said = page.locator(".notice").inner_text()
            assert said == str(error.value).replace("1.0", "1")
            assert (number.input_value(), page.locator(".readout").inner_text()) == before


def test_a_page_that_forbids_text_to_become_code_asks_the_kernel(browser):
    page = browser.new_page()
    page.evaluate("window.Function = function () { throw new EvalError('forbidden'); }; 0")
    made = stage(SGD(lr=0.5), on=bowl)
    scene, opening = json.loads(json.dumps([made.scene, made.opening]))
    runs = base64.b64encode(made.opening_runs).decode()
    assert page.evaluate(COMPARE, [made._esm, scene, opening, runs, opening, runs]) is None
    page.close()
