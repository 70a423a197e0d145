"""A reader's browser: JupyterLab opens a chapter, runs it, and its live map can be used.

The course is copied to a temporary folder first, so that JupyterLab saves nothing into it.
"""

import itertools
import json
import re
from contextlib import contextmanager
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
    yield page
    page.evaluate("window.jupyterapp?.serviceManager.sessions.shutdownAll()")
    context.close()
    assert not complaints


@pytest.fixture
def page(browser, lab):
    with watched_page(browser, lab) as page:
        yield page


@pytest.mark.parametrize("name", [path.name for path in NOTEBOOKS])
def test_runs_to_the_end(page, name):
    open_notebook(page, name)
    stored = outputs(page)
    shown = run_all(page)
    for before, after in zip(stored, shown, strict=True):
        assert not [output for output in after if output["output_type"] == "error"]
        assert not [output for output in after if output.get("name") == "stderr"]
        assert kinds(before) == kinds(after), json.dumps(after)[:500]


def kinds(cell):
    """The kinds of a cell's outputs; a long text may arrive in several pieces."""
    return [kind for kind, _ in itertools.groupby(output["output_type"] for output in cell)]


def show_cell(page, text):
    """Scroll to the first cell whose source holds `text` and return its output area."""
    index = page.evaluate(
        """text => {
            const notebook = window.jupyterapp.shell.currentWidget.content;
            const has = cell => cell.model.sharedModel.source.includes(text);
            const i = notebook.widgets.findIndex(has);
            notebook.scrollToItem(i, "start");
            return i;
        }""",
        text,
    )
    assert index >= 0, f"no cell holds {text!r}"
    return page.locator(f".jp-Cell[data-windowed-list-index='{index}'] .jp-Cell-outputArea")


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


@pytest.fixture(scope="module")
def page_01(browser, lab):
    """Chapter 01, opened and run once for all that follows."""
    with watched_page(browser, lab) as page:
        open_notebook(page, "01_gradient_descent.ipynb")
        run_all(page)
        yield page


@pytest.fixture
def chapter_01(page_01):
    """The page and its live map, as it was in the beginning."""
    stage = show_cell(page_01, "marks=").locator(".downhill-stage")
    stage.locator(".readout li").first.wait_for()
    stage.get_by_text("Reset").click()
    stage.locator(".readout", has_text="lr 0.5").wait_for()
    return page_01, stage


def test_the_live_map_of_chapter_01(chapter_01):
    page, stage = chapter_01
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


def test_the_start_can_be_dragged_and_moved_by_keys(chapter_01):
    page, stage = chapter_01
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


def test_the_path_can_be_played_and_scrubbed(chapter_01):
    page, stage = chapter_01
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


def test_the_animation_moves(chapter_01):
    page, _ = chapter_01
    image = show_cell(page, "animate(slow, fast)").locator("img")
    image.wait_for()
    shots = set()
    for _ in range(4):
        page.wait_for_timeout(400)
        shots.add(image.screenshot())
    assert len(shots) > 1


@pytest.mark.parametrize("width", [1200, 400])
def test_nothing_is_cut_off(chapter_01, width):
    page, stage = chapter_01
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("window.jupyterapp.shell.collapseLeft(), window.jupyterapp.shell.collapseRight()")
    page.wait_for_timeout(500)
    assert stage.evaluate("e => e.scrollWidth <= e.clientWidth")
    box = stage.bounding_box()
    assert box["width"] > 200
    for part in stage.locator("svg, input, button, .readout li").all():
        inner = part.bounding_box()
        assert box["x"] <= inner["x"] and inner["x"] + inner["width"] <= box["x"] + box["width"] + 1


@pytest.fixture
def live(page, request):
    """The page of a chapter that was run, and the live picture in the cell that holds a text."""
    name, text = request.param
    open_notebook(page, name)
    run_all(page)
    picture = show_cell(page, text).locator(".downhill-stage")
    picture.locator(".readout li").first.wait_for()
    return page, picture


def until(page, picture, *words):
    """Wait until the readout of a live picture holds all these words."""
    page.wait_for_function(
        "([e, words]) => words.every(word => e.innerText.includes(word))",
        arg=[picture.locator(".readout").element_handle(), list(words)],
    )


@pytest.mark.parametrize("live", [("04_momentum.ipynb", "plane(\n")], indirect=True)
def test_the_plane_of_chapter_04(live):
    page, plane = live
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


@pytest.mark.parametrize("live", [("06_adagrad.ipynb", "turns=")], indirect=True)
def test_the_landscape_of_chapter_06_can_be_turned(live):
    page, stage = live

    def heights():
        """f where each path ends, by its rule."""
        told = stage.locator(".readout li").all_inner_texts()
        return {text.split(",")[0]: float(text.split("f = ")[1].split()[0]) for text in told}

    before = heights()
    set_slider(page, stage.locator("input[data-knob=turn]"), 0.5)  # by 45 degrees
    after = heights()
    assert after["SGD"] == before["SGD"]
    assert after["AdaGrad"] > 100 * before["AdaGrad"]


@pytest.mark.parametrize("live", [("09_adam.ipynb", "injector(Adam")], indirect=True)
def test_the_fault_injector_of_chapter_09(live):
    page, injector = live
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
