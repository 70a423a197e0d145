"""A reader's browser: JupyterLab opens a chapter, runs it, and its live map can be used.

The course is copied to a temporary folder first, so that JupyterLab saves nothing into it.
"""

import itertools
import json
import re
from contextlib import contextmanager
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from course_files import NOTEBOOKS
from jupyter_browser import chromium, jupyterlab, open_notebook, outputs, run_all

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

LOOPBACK = {"127.0.0.1", "localhost"}
# An exception of JupyterLab 4.1 itself on opening any notebook: gone in 4.2.
BENIGN = ("Cannot read properties of undefined (reading 'type')", "/static/lab/jlab_core.")


@pytest.fixture(scope="module")
def browser():
    opened = chromium(playwright)
    try:
        browser = opened.__enter__()
    except OSError as problem:
        pytest.skip(str(problem))
    yield browser
    opened.__exit__(None, None, None)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    with jupyterlab(tmp_path_factory.mktemp("lab")) as server:
        yield server


@contextmanager
def watched_page(browser, lab):
    """An empty page that knows its `lab`. Errors and requests that leave this machine fail."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    complaints = []

    def heard(message):
        if message.type == "error":
            complaints.append(f"console: {message.text} {message.location}")

    def raised(error):
        if not all(words in error.stack for words in BENIGN):
            complaints.append(f"exception: {error.stack}")

    def requested(url):
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in LOOPBACK:
            complaints.append(f"request to {url}")

    page = context.new_page()
    page.lab = lab
    page.on("console", heard)
    page.on("pageerror", raised)
    page.on("websocket", lambda socket: requested(socket.url))
    context.on("request", lambda request: requested(request.url))
    try:
        yield page
        assert not complaints  # what is said while the kernels go down no reader hears
    finally:
        page.evaluate("window.jupyterapp?.serviceManager.sessions.shutdownAll()")
        context.close()


@pytest.fixture(scope="module")
def chapter(browser, lab, request):
    """A chapter, opened and run once for all its tests: its page, and outputs before and after."""
    with watched_page(browser, lab) as page:
        open_notebook(page, request.param)
        yield SimpleNamespace(page=page, stored=outputs(page), shown=run_all(page))


NAMES = [path.name for path in NOTEBOOKS]
each_chapter = pytest.mark.parametrize("chapter", NAMES, indirect=True)


def of_chapter(number):
    name = next(name for name in NAMES if name.startswith(number))
    return pytest.mark.parametrize("chapter", [name], indirect=True)


@each_chapter
def test_runs_to_the_end(chapter):
    for before, after in zip(chapter.stored, chapter.shown, strict=True):
        assert not [output for output in after if output["output_type"] == "error"]
        assert not [output for output in after if output.get("name") == "stderr"]
        assert kinds(before) == kinds(after), json.dumps(after)[:500]


def kinds(cell):
    """The kinds of a cell's outputs; a long text may arrive in several pieces."""
    return [kind for kind, _ in itertools.groupby(output["output_type"] for output in cell)]


LIVE = "application/vnd.jupyter.widget-view+json"


def is_live(output):
    """Whether an output is a live picture: the value of its cell, not a progress bar's display."""
    return output["output_type"] == "execute_result" and LIVE in output["data"]


def show_cell(page, holds):
    """Scroll to the first cell whose source or outputs hold all these texts; return its outputs."""
    index = page.evaluate(
        """texts => {
            const notebook = window.jupyterapp.shell.currentWidget.content;
            const told = cell => JSON.stringify(cell.model.sharedModel.toJSON());
            const i = notebook.widgets.findIndex(cell => texts.every(t => told(cell).includes(t)));
            notebook.scrollToItem(i, "start");
            return i;
        }""",
        [json.dumps(text)[1:-1] for text in holds],
    )
    assert index >= 0, f"no cell holds {holds}"
    return page.locator(f".jp-Cell[data-windowed-list-index='{index}'] .jp-Cell-outputArea")


def live_picture(page, *holds):
    """The live picture of a cell, once it has something to say, as it was in the beginning."""
    picture = show_cell(page, [LIVE, "execute_result", *holds]).locator(".downhill-stage")
    picture.locator(".readout li").first.wait_for()
    picture.get_by_text("Reset").click()
    return picture


def set_slider(page, slider, share):
    """Drag a range input's thumb to a share of its length, with the mouse, in several moves."""
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    low, high, value = (
        float(slider.evaluate(f"e => e.{name}")) for name in ("min", "max", "value")
    )
    across = [
        box["x"] + 8 + (box["width"] - 16) * part for part in ((value - low) / (high - low), share)
    ]
    height = box["y"] + box["height"] / 2
    page.mouse.move(across[0], height)
    page.mouse.down()
    page.mouse.move(across[1], height, steps=8)
    page.mouse.up()


def words(stage):
    return stage.locator(".readout").inner_text()


def until(page, picture, *words):
    """Wait until the readout of a live picture holds all these words."""
    page.wait_for_function(
        "([e, words]) => words.every(word => e.innerText.includes(word))",
        arg=[picture.locator(".readout").element_handle(), list(words)],
    )


@each_chapter
def test_every_slider_of_its_first_live_picture_goes_to_both_ends(chapter):
    if not any(map(is_live, itertools.chain(*chapter.shown))):
        pytest.skip("no live picture in this chapter")
    picture = live_picture(chapter.page)
    for slider in picture.locator(".knob input[type=range]").all():
        said, knob = set(), slider.get_attribute("data-knob").replace("warmup", "warm-up")
        for key, end in (("Home", "min"), ("End", "max")):
            slider.press(key)
            assert slider.input_value() == slider.get_attribute(end)
            if knob != "turn":  # no readout tells the angle
                value = re.escape(slider.get_attribute("aria-valuetext"))
                readout = picture.locator(".readout").element_handle()
                told = "([e, told]) => RegExp(told).test(e.innerText)"
                chapter.page.wait_for_function(told, arg=[readout, f"{knob} {value}[,: ]"])
            said.add(words(picture))
            assert not re.search("undefined|null|NaN|Infinity", words(picture))
        assert len(said) == 2, f"nothing changes with {knob}"
        assert picture.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert picture.locator(".problem").all_inner_texts() in ([], [""])


@pytest.fixture
def map_01(chapter):
    """The page of chapter 01 and its live map."""
    picture = live_picture(chapter.page, "marks=")
    until(chapter.page, picture, "lr 0.5")
    return chapter.page, picture


@of_chapter("01")
def test_the_live_map_of_chapter_01(map_01):
    page, stage = map_01
    slider = stage.locator("input[data-knob=lr]")

    set_slider(page, slider, 0.5)
    assert "diverg" not in words(stage)
    set_slider(page, slider, 1.0)  # across 2/L
    assert "lr 1.2" in words(stage) and "diverged at step" in words(stage)

    before = stage.locator("polyline").get_attribute("points")
    slider.press("Home")
    assert "lr 0.1" in words(stage) and "diverg" not in words(stage)
    assert stage.locator("polyline").get_attribute("points") != before
    for _ in range(3):
        slider.press("ArrowRight")
    assert "lr 0.13" in words(stage)

    number = stage.locator("input[type=number]")
    number.click(click_count=3)
    page.keyboard.type("0.25")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "e => e.innerText.includes('lr 0.25')", arg=stage.locator(".readout").element_handle()
    )
    number.click(click_count=3)
    page.keyboard.type("-3")
    page.keyboard.press("Enter")
    stage.locator(".problem", has_text="lr must be finite and not negative").wait_for()
    assert number.input_value() == "0.25"


@of_chapter("01")
def test_the_start_can_be_dragged_and_moved_by_keys(map_01):
    page, stage = map_01
    start = stage.locator(".start")
    assert "start at (-7, 2)" in start.get_attribute("aria-label")
    path = stage.locator("polyline").get_attribute("points")
    start.scroll_into_view_if_needed()
    box = start.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] - 40, steps=6)
    page.mouse.up()
    polyline = stage.locator("polyline").element_handle()
    page.wait_for_function("([e, old]) => e.getAttribute('points') !== old", arg=[polyline, path])
    x, y = map(float, re.findall(r"-?[\d.]+", start.get_attribute("aria-label")))
    assert x > -5 and y > 2.5
    start.press("ArrowRight")
    assert f"start at ({x + 0.2:.4g}, " in start.get_attribute("aria-label")

    # The slider works from the new start at once, and Reset goes back.
    set_slider(page, stage.locator("input[data-knob=lr]"), 1.0)
    assert "diverged at step" in words(stage)
    stage.get_by_text("Reset").click()
    assert "start at (-7, 2)" in start.get_attribute("aria-label")


@of_chapter("01")
def test_the_path_can_be_played_and_scrubbed(map_01):
    page, stage = map_01
    counter = stage.locator(".counter")
    assert counter.inner_text() == "step 60 of 60"
    stage.get_by_text("Play").click()
    page.wait_for_function("e => parseInt(e.innerText.slice(5)) > 3", arg=counter.element_handle())
    stage.get_by_text("Pause").click()
    stage.get_by_label("step shown").press("Home")
    assert counter.inner_text() == "step 0 of 60"
    stage.get_by_label("one step on").click()
    assert counter.inner_text() == "step 1 of 60"
    assert "step 1: f = " in words(stage)


@of_chapter("01")
def test_the_animation_moves(map_01):
    page, _ = map_01
    image = show_cell(page, ["animate(slow, fast)"]).locator("img")
    image.wait_for()
    shots = set()
    for _ in range(4):
        page.wait_for_timeout(400)
        shots.add(image.screenshot())
    assert len(shots) > 1


@of_chapter("01")
def test_an_answer_without_its_bytes_is_left_out(map_01):
    """A kernel that shuts down sends the bytes of another message in place of the paths."""
    page, stage = map_01
    path = stage.locator("polyline").get_attribute("points")
    before = words(stage)
    page.evaluate(
        """code => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel
            .requestExecute({ code }).done""",
        """
from lab.live.stage import Stage
shown = next(value for value in Out.values() if isinstance(value, Stage))
wish = {**shown.wish, "start": [7, 2]}
state = {"answer": {**shown.answer, "wish": wish}}
update = {"method": "update", "state": state, "buffer_paths": [["runs"]]}
shown.comm.send(update, buffers=[b"kernel.01234567-89ab-cdef-0123-456789abcdef.shutdown"])
shown.problem = "the next message"
""",
    )
    stage.locator(".problem", has_text="the next message").wait_for()
    assert stage.locator("polyline").get_attribute("points") == path
    assert words(stage) == before
    stage.get_by_text("Reset").click()
    set_slider(page, stage.locator("input[data-knob=lr]"), 1.0)
    assert "diverged at step" in words(stage)


@of_chapter("01")
@pytest.mark.parametrize("width", [1200, 400])
def test_nothing_is_cut_off(map_01, width):
    page, stage = map_01
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("window.jupyterapp.shell.collapseLeft(), window.jupyterapp.shell.collapseRight()")
    page.wait_for_timeout(500)
    assert stage.evaluate("e => e.scrollWidth <= e.clientWidth")
    box = stage.bounding_box()
    assert box["width"] > 200
    for part in stage.locator("svg, input, button, .readout li").all():
        inner = part.bounding_box()
        assert box["x"] <= inner["x"] and inner["x"] + inner["width"] <= box["x"] + box["width"] + 1


@of_chapter("04")
def test_the_plane_of_chapter_04(chapter):
    page, plane = chapter.page, live_picture(chapter.page, "plane(\n")
    until(page, plane, "lr 0.1, momentum 0.9", "measured rate")
    path = plane.locator(".paths polyline").get_attribute("points")
    heat = plane.locator("svg.pick")
    heat.scroll_into_view_if_needed()
    box = heat.bounding_box()
    page.mouse.click(box["x"] + 0.9 * box["width"], box["y"] + 0.8 * box["height"])
    until(page, plane, "diverged at step")  # far to the right of 2 + 2β
    assert plane.locator(".paths polyline").get_attribute("points") != path

    momentum = plane.locator("input[data-knob=momentum]")
    momentum.press("Home")
    until(page, plane, "momentum 0:")
    page.keyboard.press("Tab")  # to the number beside it
    page.keyboard.press("Control+a")
    page.keyboard.type("1.5")
    page.keyboard.press("Enter")
    plane.locator(".problem", has_text="momentum must be at least 0 and less than 1").wait_for()
    plane.locator(".ring").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowUp")
    until(page, plane, "momentum 0.1:")
    plane.get_by_text("Reset").click()
    until(page, plane, "lr 0.1, momentum 0.9")


@of_chapter("06")
def test_the_landscape_of_chapter_06_can_be_turned(chapter):
    page, stage = chapter.page, live_picture(chapter.page, "turns=")
    until(page, stage, "SGD, lr 0.95", "f = 1.333e-02")

    def heights():
        """f where each path ends, by its rule."""
        told = stage.locator(".readout li").all_inner_texts()
        return {text.split(",")[0]: float(text.split("f = ")[1].split()[0]) for text in told}

    before = heights()
    set_slider(page, stage.locator("input[data-knob=turn]"), 0.5)  # by 45 degrees
    after = heights()
    assert after["SGD"] == before["SGD"]
    assert after["AdaGrad"] > 100 * before["AdaGrad"]


@of_chapter("09")
def test_the_fault_injector_of_chapter_09(chapter):
    page, injector = chapter.page, live_picture(chapter.page, "injector(Adam")
    until(page, injector, "step 60")
    faulty = injector.locator("polyline").nth(1)
    wrong = faulty.get_attribute("points")
    choose = injector.get_by_label("right", exact=True)
    choose.check()
    page.wait_for_function(
        "([e, old]) => e.getAttribute('points') !== old", arg=[faulty.element_handle(), wrong]
    )
    true = injector.locator("polyline").first.get_attribute("points")
    assert faulty.get_attribute("points") == true, "without a fault both paths are one"
    injector.get_by_label("no powers").check()
    assert faulty.get_attribute("points") != true
    path = faulty.get_attribute("points")
    injector.locator("input[data-knob=lr]").press("End")  # asks the kernel
    page.wait_for_function(
        "([e, old]) => e.getAttribute('points') !== old", arg=[faulty.element_handle(), path]
    )
    assert injector.evaluate("e => e.scrollWidth <= e.clientWidth")


@of_chapter("11")
def test_the_schedules_of_chapter_11(chapter):
    page, stage = chapter.page, live_picture(chapter.page, "schedule_stage(\n")
    lines = stage.locator("polyline")
    opening = [line.get_attribute("points") for line in lines.all()]
    peak = stage.locator("input[data-knob=peak]")
    set_slider(page, peak, 1.0)
    assert "peak 2," in words(stage) and "Runs diverge from step" in words(stage)
    peak.press("Home")
    assert "peak 0.05," in words(stage) and "Mean f of" in words(stage)
    stage.locator("input[data-knob=warmup]").press("End")
    assert "warm-up 60" in words(stage)
    stage.locator("select").select_option(label="linear")
    assert "then linear" in words(stage)
    assert all(line.get_attribute("points") != old for line, old in zip(lines.all(), opening))

    number = stage.get_by_label("peak lr, typed")
    number.click(click_count=3)
    page.keyboard.type("0.41")  # between two positions: it moves to the nearest
    page.keyboard.press("Enter")
    assert "peak 0.4," in words(stage) and number.input_value() == "0.4"
    stage.get_by_label("step shown").press("Home")
    assert "Step 0," in words(stage) and "not yet used" in words(stage)
    stage.get_by_text("Reset").click()
    assert [line.get_attribute("points") for line in lines.all()] == opening
