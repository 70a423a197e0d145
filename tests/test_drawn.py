"""What every live picture has to do in a browser, whatever it shows, tried on one of each kind."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from lab import bowl, cloud, plane, playground, roots, stage
from lab.live.injector import injector
from lab.live.schedule import schedule_stage
from lab.theory import heavy_ball_rate
from picture_page import shown

from optimizers import SGD, Adam, Momentum, Muon, Nesterov, RMSProp

AXES = {"x": ("lr", np.arange(1, 41) / 20), "y": ("momentum", np.arange(20) / 20)}
KINDS = {
    "stage": lambda: stage(
        SGD(lr=0.95),
        RMSProp(lr=0.2),
        on=bowl,
        marks={
            "lr": {"1/L": 0.5, "2/(μ+L)": 2 / 2.1, "2/L": 1},
            "rho": {"7 steps": 0.9, "69": 0.99},
        },
        ranges={"lr": (0.1, 1.2)},
        more=[Adam(lr=0.3)],
    ),
    "stage that turns": lambda: stage(
        SGD(lr=0.95),
        Adam(lr=0.3),
        on=bowl,
        turns=range(0, 91, 5),
        landscapes=["beale", "himmelblau"],
    ),
    "plane": lambda: plane(
        Momentum(lr=0.1),
        on=bowl,
        predicted=lambda lr, m: np.maximum(heavy_ball_rate(lr, m, 0.1), heavy_ball_rate(lr, m, 2)),
        **AXES,
    ),
    "planes": lambda: plane(Momentum(lr=0.1), Nesterov(), SGD(), on=bowl, **AXES),
    "injector": injector,
    "cloud": lambda: cloud(SGD(lr=0.3), on=bowl, sigma=1.0, examples=256),
    "schedules": lambda: schedule_stage(SGD(), on=bowl, noise=0.2, marks={"1/L": 0.5}),
    "roots": lambda: roots(Momentum(lr=0.1), on=bowl),
    "playground": lambda: playground(SGD(lr=1), Adam(lr=0.02), Muon(lr=0.02)),
}
MADE = {}


@pytest.fixture(params=KINDS)
def picture(request):
    return MADE.setdefault(request.param, KINDS[request.param]())


ODD = {
    **{"savefig.bbox": "tight", "savefig.format": "pdf", "figure.dpi": 31, "font.size": 20},
    **{"path.sketch": (3, 100, 2), "lines.linewidth": 6, "axes.grid": True},
}


def test_no_style_of_the_reader_changes_it(picture, request):
    usual = picture.still().png
    with plt.style.context(["dark_background", ODD]):
        odd = KINDS[request.node.callspec.params["picture"]]()
        assert odd.still().png == usual
        assert odd.scene == picture.scene
    assert not plt.get_fignums()


def drawing(page):
    """All that is seen and told of what is drawn, but for what a pointer is told."""
    return page.locator(".downhill").evaluate(
        """e => [e.querySelector(".readout").innerText, ...[...e.querySelectorAll(
            `svg:not(.legend) :is(polyline, path, rect, ellipse, circle, g, text):not(
                .hover, .behind)`
        )].map(node => {
            const names = node.getAttributeNames().filter(name => !/^(id|clip|mark)/.test(name));
            if (node.style.display === "none") return "not seen";
            return names.map(name => node.getAttribute(name)).join("|");
        })]"""
    )


def settled(page):
    """Wait until nothing is asked for that is not drawn."""
    page.wait_for_function("!document.querySelector('.asked, .waiting')")


# All that is cut off, touches what it should not, or is too small to be read or hit.
FLAWS = """e => {
    const flaws = [], card = e.getBoundingClientRect();
    const box = node => node.getBoundingClientRect();
    const name = node => (node.textContent || node.type || node.tagName).trim().slice(0, 40);
    const all = (where, inside = e) => [...inside.querySelectorAll(where)].filter(node =>
        box(node).width && !node.matches(".spoken, :is(text, p):empty"));
    const pairs = (nodes, x, y) => nodes.forEach((node, k) => nodes.slice(0, k).forEach(other => {
        const [a, b] = [box(node), box(other)];
        const aside = a.left >= b.right - x || b.left >= a.right - x;
        if (aside || a.top >= b.bottom - y || b.top >= a.bottom - y) return;
        flaws.push(`${name(node)} touches ${name(other)}`);
    }));
    if (e.scrollWidth > e.clientWidth) flaws.push("it is wider than its place");
    for (const node of all("svg, input, button, select, .predicted span, li, .counter, p")) {
        if (box(node).left >= card.left - 1 && box(node).right <= card.right + 1) continue;
        flaws.push(`${name(node)} sticks out`);
    }
    for (const svg of all("svg:not(.legend)")) {
        const texts = all("text:not(.hover)", svg);
        for (const text of texts) {
            const frame = box(text.closest("[clip-path]") ? svg.querySelector(".border") : svg);
            const { left, right, top, bottom } = box(text), { b, d } = text.getScreenCTM();
            const across = Math.max(frame.left - left, right - frame.right);
            const along = Math.max(frame.top - top, bottom - frame.bottom);
            if (across > 1 || along > 1) flaws.push(`${name(text)} is cut off`);
            if (text.getBBox().height * Math.hypot(b, d) < 13) flaws.push(`${name(text)} is small`);
        }
        const logarithmic = /logarithmic/.test(svg.getAttribute("aria-label"));
        if (logarithmic && all(".ticks text[text-anchor=end]", svg).length < 2) {
            flaws.push(`${svg.getAttribute("aria-label")}: one number tells no scale`);
        }
        pairs(texts, 1, 5); // a line of text has air above and below
    }
    pairs(all(".predicted span"), 0, 2);
    const words = document.createTreeWalker(e.querySelector(".readout"), NodeFilter.SHOW_TEXT);
    while (words.nextNode()) {
        for (const { 0: number, index } of words.currentNode.data.matchAll(/[\\d.]+e-\\d+/g)) {
            const range = new Range();
            range.setStart(words.currentNode, index);
            range.setEnd(words.currentNode, index + number.length);
            if (range.getClientRects().length > 1) flaws.push(`${number} is broken`);
        }
    }
    const grips = all("input, button, select");
    pairs(grips, 1, 1);
    for (const grip of grips) {
        const { width, height } = box(grip), known = /radio|checkbox/.test(grip.type);
        if (known || (grip.type === "range" ? width >= 78 : height >= 22)) continue;
        flaws.push(`${name(grip)} is ${width} x ${height} px`);
    }
    return flaws;
}"""


def hover_everywhere(page):
    """A pointer is told something, within the axes, and no line of it is a digit or two."""
    for axes in page.locator("svg:not(.legend)").all():
        axes.scroll_into_view_if_needed()
        box = axes.bounding_box()
        page.mouse.move(box["x"] + 0.61 * box["width"], box["y"] + 0.43 * box["height"])
        left, right, lines = axes.evaluate(
            """svg => {
                const box = at => svg.querySelector(at).getBBox();
                const [text, frame] = [box(".hover"), box(".border")];
                const lines = [...svg.querySelectorAll(".hover tspan")].map(e => e.textContent);
                return [text.x - frame.x, frame.x + frame.width - text.x - text.width, lines];
            }"""
        )
        assert left >= 0 and right >= 0
        assert all(len(line) > 3 for line in lines), lines
        told = " ".join(lines)
        assert re.search(r"\d", told) and not re.search("undefined|null|NaN|Infinity", told)
        assert axes.get_attribute("aria-label")
        page.mouse.move(0, 0)
        assert axes.locator(".hover").text_content() == ""


@pytest.mark.parametrize("wide", [990, 560, 250])
def test_it_fits_its_place_whatever_the_window(browser, picture, wide):
    """The window is 1000 wide: a place of 560 is a narrow panel in it, 250 a telephone's."""
    with shown(browser, picture, wide) as page:
        card = page.locator(".downhill")
        page.wait_for_timeout(150)
        assert card.evaluate(FLAWS) == []
        side, drawn = (
            page.locator(f".board > .{part}").bounding_box() for part in ("side", "picture")
        )
        beside = side["x"] >= drawn["x"] + drawn["width"] or drawn["x"] >= side["x"] + side["width"]
        assert beside == (wide > 700)
        if wide > 700:  # what JupyterLab leaves of 1366 x 768
            assert card.bounding_box()["height"] <= 647
        for slider in page.locator(".knob:visible input[type=range]").all() if wide < 300 else ():
            for key in ("Home", "End"):
                slider.press(key)
                assert card.evaluate(FLAWS) == []
            page.get_by_text("Reset").click()
        hover_everywhere(page)


@pytest.mark.parametrize("wide, rows", [(990, 1), (560, 2), (250, 3)])
def test_heat_maps_of_one_width_stand_in_rows(browser, wide, rows):
    with shown(browser, MADE.setdefault("planes", KINDS["planes"]()), wide) as page:
        boxes = [heat.bounding_box() for heat in page.locator(".heats > div").all()]
        assert len({box["y"] for box in boxes}) == rows
        assert len({round(box["width"]) for box in boxes}) == 1
        last = max(box["x"] + box["width"] for box in boxes)
        assert last == pytest.approx(page.locator(".heats").bounding_box()["width"] + 19, abs=1)


def test_every_slider_and_menu_and_back(browser, picture):
    with shown(browser, picture, kernel=True) as page:
        opening = drawing(page)
        for slider in page.locator(".knob:visible input[type=range]").all():
            ends = []
            for key, end in (("Home", "min"), ("End", "max")):
                slider.press(key)
                settled(page)
                assert slider.input_value() == slider.get_attribute(end)
                ends.append(drawing(page))
                assert not re.search(r"undefined|null|NaN|Infinity|-0\.000\b", ends[-1][0])
            assert ends[0] != ends[1]
            page.get_by_text("Reset").click()
            assert drawing(page) == opening
        for menu in page.locator(".knob:visible select").all():
            seen = set()
            for option in menu.locator("option").all():
                menu.select_option(option.get_attribute("value"))
                settled(page)
                seen.add(str(drawing(page)))
            assert len(seen) == menu.locator("option").count()
            page.get_by_text("Reset").click()
            assert drawing(page) == opening
        assert page.locator(".notice").all_inner_texts() == [""]


def test_the_last_setting_stays_faint_until_reset(browser, picture):
    faint = """() => [...document.querySelectorAll(".faint")].filter(node =>
        (node.getAttribute("points") || node.querySelector("path")?.getAttribute("d")
            || node.matches("rect") && node.style.display !== "none")
        && !node.matches(".side [stroke-opacity='0.4']")).length"""
    with shown(browser, picture) as page:
        assert page.evaluate(faint) == 0
        slider = page.locator(".knob:visible [type=range]:not([data-knob=turn])").first
        at_its_end = slider.input_value() == slider.get_attribute("min")
        slider.press("ArrowRight" if at_its_end else "ArrowLeft")
        assert page.evaluate(faint) > 0
        page.get_by_text("Reset").click()
        assert page.evaluate(faint) == 0


def test_play_goes_to_the_end_and_leaves_what_was_drawn(browser, picture):
    with shown(browser, picture) as page:
        play, counter = page.locator(".transport button").first, page.locator(".counter")
        opening, scrub = drawing(page), page.get_by_label("step shown")
        page.get_by_label("speed of play").select_option("4")
        scrub.press("Home")
        first = drawing(page)
        assert counter.inner_text().startswith("step 0 of") and first != opening
        play.click()
        assert play.inner_text() == "Pause"
        page.wait_for_function("e => e.innerText === 'Play'", arg=play.element_handle())
        step, last = map(int, re.findall(r"\d+", counter.inner_text()))
        assert step == last and first != drawing(page)
        page.get_by_text("Reset").click()
        assert drawing(page) == opening


@pytest.mark.parametrize(
    "motion, pictures", [("reduce", range(4, 7)), ("no-preference", range(61, 62))]
)
def test_where_motion_is_unwelcome_play_shows_a_few_pictures(browser, motion, pictures):
    with shown(browser, MADE.setdefault("stage", KINDS["stage"]())) as page:
        page.emulate_media(reduced_motion=motion)
        page.get_by_label("speed of play").select_option("4")
        play, counter = page.locator(".transport button").first, page.locator(".counter")
        counter.evaluate(
            """e => {
                window.seen = new Set();
                new MutationObserver(() => window.seen.add(e.textContent)).observe(
                    e, { childList: true });
            }"""
        )
        play.click()
        page.wait_for_function("e => e.innerText === 'Play'", arg=play.element_handle())
        assert page.evaluate("window.seen.size") in pictures


def test_a_saved_notebook_tells_the_same(browser, picture):
    """Though it brings the keys of an object back in another order, and no kernel."""
    told = []
    for saved in (False, True):
        with shown(browser, picture, saved=saved) as page:
            page.get_by_text("Copy as code").click()
            page.locator(".knob:visible input[type=range]").last.press("ArrowRight")
            labels = page.locator("svg[aria-label]").evaluate_all(
                "all => all.map(e => e.ariaLabel)"
            )
            code = page.locator("textarea.code").input_value()
            told.append([drawing(page), labels, code])
    assert told[0] == told[1]


def test_the_nearest_curve_is_told(browser):
    """On the loss curve: its name, the step and f, as the readout tells them."""
    with shown(browser, MADE.setdefault("stage", KINDS["stage"]())) as page:
        curves = page.locator("svg").nth(1)
        curves.scroll_into_view_if_needed()
        heads = curves.locator("> g:last-child path")
        for nth, line in enumerate(page.locator(".readout li:visible").all()):
            rule, f = re.match(r".*?(\w+),.* f = (\S+) at", line.inner_text(), re.S).groups()
            head = heads.nth(nth).bounding_box()
            page.mouse.move(head["x"] + head["width"] / 2 - 1, head["y"] + head["height"] / 2 - 3)
            assert curves.locator(".hover").text_content() == f"{rule}, step 60: {f}"


def two(page):
    """Two sliders of one rule: after the first has moved, the other needs the kernel."""
    return page.locator(".knob:visible [type=range]").all()[-2:]


ASKING = pytest.mark.parametrize("picture", ["stage", "plane", "planes", "injector"], indirect=True)


@ASKING
def test_what_is_told_is_what_is_drawn_while_the_kernel_works(browser, picture):
    with shown(browser, picture, kernel=True) as page:
        first, other = two(page)
        page.evaluate("window.delay = 2000")
        first.press("ArrowLeft")
        drawn = drawing(page)
        other.press("ArrowLeft")
        assert drawing(page)[0] == drawn[0] and "asked for" in other.get_attribute("aria-valuetext")
        page.locator(".wait").wait_for(timeout=1800)
        assert drawing(page)[0] == drawn[0]
        settled(page)
        assert drawing(page)[0] != drawn[0] and not page.locator(".wait").is_visible()
        assert "asked for" not in other.get_attribute("aria-valuetext")


@ASKING
def test_a_refused_number_leaves_what_was_drawn(browser, picture):
    with shown(browser, picture, kernel=True) as page:
        first, _ = two(page)
        first.press("ArrowLeft")
        number, drawn = page.locator(".knob:visible input[type=text]").first, drawing(page)
        value = number.input_value()
        number.fill("-1")
        number.press("Enter")
        page.locator(".notice", has_text="lr must be").wait_for()
        assert drawing(page) == drawn and number.input_value() == value


@ASKING
def test_a_lost_kernel_is_told(browser, picture):
    with shown(browser, picture, kernel=True) as page:
        opening = drawing(page)
        page.evaluate("window.kernel.comm_live = false; window.hear('comm_live_update')")
        assert "what is here already moves" in page.locator(".notice").inner_text()
        first, other = two(page)
        first.press("ArrowLeft")  # is here
        drawn = drawing(page)
        assert drawn != opening
        other.press("ArrowLeft")
        assert "what is here already moves" in page.locator(".notice").inner_text()
        assert drawing(page) == drawn and not page.locator(".asked, .waiting").count()
        page.get_by_text("Reset").click()
        assert drawing(page) == opening


def test_two_views_agree(browser, picture):
    """Also of what is refused, and of what only the kernel knows."""
    both = ".readout", ".knob:visible [type=range]", ".knob:visible [type=text]", ".start, .ring"
    seen = """(card, where) => where.map(parts => [...card.querySelectorAll(
        parts.replace(":visible", ""))].map(node => node.matches("input")
        ? node.value : node.innerText ?? node.getAttribute("aria-label")))"""
    with shown(browser, picture, kernel=True, views=2) as page:
        one, other = page.locator(".downhill").all()
        sliders = [view.locator(".knob:visible [type=range]") for view in (one, other)]
        sliders[0].first.press("End")
        sliders[1].last.press("Home")
        settled(page)
        number = other.locator(".knob:visible [type=text]").first
        number.fill("-1")
        number.press("Enter")
        settled(page)
        sliders[0].last.press("ArrowRight")
        settled(page)
        assert one.evaluate(seen, list(both)) == other.evaluate(seen, list(both))


def test_a_number_refused_while_the_start_is_out(browser):
    """Start, path and words belong together, whatever the kernel answers first."""
    with shown(browser, MADE.setdefault("stage", KINDS["stage"]()), kernel=True) as page:
        page.evaluate("window.delay = 300")
        page.locator(".start").press("Shift+ArrowRight")
        number = page.locator(".knob:visible input[type=text]").first
        number.fill("-1")
        number.press("Enter")
        page.locator(".notice", has_text="lr must be").wait_for()
        settled(page)
        start = page.locator(".start")
        at = [float(v) for v in re.findall(r"[\d.]+", start.get_attribute("transform"))]
        path = page.locator(".trail polyline").first.get_attribute("points").split()[0]
        assert [float(v) for v in path.split(",")] == pytest.approx(at, abs=0.1)
        page.get_by_label("step shown").press("Home")
        told = re.search(r"at \((-?[\d.]+), (-?[\d.]+)\)", page.locator(".readout").inner_text())
        said = re.search(r"at \((-?[\d.]+), (-?[\d.]+)\)", start.get_attribute("aria-label"))
        assert [float(v) for v in told.groups()] == [float(v) for v in said.groups()]
        assert number.input_value() == "0.95"


def test_a_cloud_that_never_moves_has_no_share_in_an_ellipse(browser):
    with shown(browser, cloud(SGD(lr=0.0), on=bowl, sigma=1.0, examples=256)) as page:
        told = page.locator(".readout").inner_text()
        assert "%" not in told and "At lr 0 nothing ever moves." in told


def test_a_page_that_reads_from_the_right_and_a_wheel_change_nothing(browser):
    with shown(browser, MADE.setdefault("stage", KINDS["stage"]()), 560) as page:
        where = """() => {
            const parts = document.querySelectorAll(".predicted span, input, button, svg");
            const seen = [...parts].filter(node => node.checkVisibility());
            const left = node => node.getBoundingClientRect().left;
            return seen.map(node => Math.round(left(node) - left(node.closest(".downhill"))));
        }"""
        before = page.evaluate(where), drawing(page)
        page.evaluate("document.dir = 'rtl'")
        page.locator(".knob:visible input[type=text]").first.click()
        for kind in ("text", "range"):
            page.locator(f".knob:visible input[type={kind}]").first.hover()
            page.mouse.wheel(0, 100)
        page.wait_for_timeout(100)
        assert (page.evaluate(where), drawing(page)) == before


@pytest.mark.parametrize("picture", ["stage", "plane"], indirect=True)
def test_a_grip_follows_the_left_button_alone(browser, picture):
    with shown(browser, picture, kernel=True) as page:
        opening = drawing(page)
        grip = page.locator(".start, .ring").first
        grip.scroll_into_view_if_needed()
        for button in ("right", "middle", "left"):
            assert drawing(page) == opening
            box = grip.bounding_box()
            x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
            page.mouse.move(x, y)
            page.mouse.down(button=button)
            page.mouse.move(x + 60, y + 30, steps=3)
            page.mouse.up(button=button)
            settled(page)
        assert drawing(page) != opening
        page.mouse.move(x + 90, y + 60)  # let go, it hovers
        settled(page)
        box = grip.bounding_box()
        assert box["x"] + box["width"] / 2 == pytest.approx(x + 60, abs=12)


@pytest.mark.parametrize("picture", ["stage", "plane"], indirect=True)
@pytest.mark.parametrize("end, moves", [("pointercancel", False), ("pointermove", True)])
def test_a_touch_that_was_cancelled_drags_no_more(browser, picture, end, moves):
    with shown(browser, picture, kernel=True) as page:
        opening = drawing(page)[0]
        grip = page.locator(".start, .ring").first
        page.evaluate("Element.prototype.setPointerCapture = () => {}")  # there is no real finger
        box = grip.bounding_box()
        at = {"clientX": box["x"] + box["width"] / 2, "clientY": box["y"] + box["height"] / 2}
        touch = {"pointerId": 1, "isPrimary": True, "bubbles": True, "button": 0}
        for kind, right in (("pointerdown", 0), (end, 0), ("pointermove", 60), ("pointerup", 60)):
            grip.dispatch_event(kind, {**touch, **at, "clientX": at["clientX"] + right})
        settled(page)
        assert (drawing(page)[0] != opening) == moves
