"""A reader's browser: JupyterLab opens a chapter, runs it, and its live map can be used.

The course is copied to a temporary folder first, so that JupyterLab saves nothing into it.
"""

import itertools
import json
import math
import re
from contextlib import contextmanager
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from course_files import LESSONS
from jupyter_browser import jupyterlab, open_notebook, outputs, run_all

LOOPBACK = {"127.0.0.1", "localhost"}
# Of JupyterLab itself: an exception of 4.1 on opening any notebook, gone in 4.2; and what its
# debugger says, and throws, where a kernel goes before it has answered it.
BENIGN = ("Cannot read properties of undefined (reading 'type')", "/static/lab/jlab_core.")
DEBUGGER = "Could not restore the debugger state", "Canceled future for "


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    with jupyterlab(tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture(scope="module")
def reader(browser):
    """One reader's browser for all chapters: JupyterLab's own scripts are fetched once."""
    with browser.new_context(viewport={"width": 1200, "height": 900}) as context:
        yield context


@contextmanager
def watched_page(reader, lab):
    """An empty page that knows its `lab`. Errors and requests that leave this machine fail."""
    complaints = []

    def heard(message):
        if message.type == "error" and not any(words in message.text for words in DEBUGGER):
            complaints.append(f"console: {message.text} {message.location}")

    def raised(error):
        told = f"{error.message} {error.stack}"
        if not all(words in told for words in BENIGN) and DEBUGGER[1] not in told:
            complaints.append(f"exception: {told}")

    def requested(url):
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in LOOPBACK:
            complaints.append(f"request to {url}")

    page = reader.new_page()
    page.lab = lab
    page.on("console", heard)
    page.on("pageerror", raised)
    page.on("websocket", lambda socket: requested(socket.url))
    page.on("request", lambda request: requested(request.url))
    try:
        yield page
        assert not complaints  # what is said while the kernels go down no reader hears
    finally:
        page.evaluate("window.jupyterapp?.serviceManager.sessions.shutdownAll()")
        page.close()


@pytest.fixture(scope="module")
def chapter(reader, lab, request):
    """A chapter, opened and run once for all its tests: its page, and outputs before and after."""
    with watched_page(reader, lab) as page:
        open_notebook(page, request.param)
        yield SimpleNamespace(page=page, stored=outputs(page), shown=run_all(page))


LAPTOP = {"width": 1366, "height": 768}
NAMES = [path.name for path in LESSONS]  # deeper pages run in nbval alone
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
        [json.dumps(text, ensure_ascii=False)[1:-1] for text in holds],
    )
    assert index >= 0, f"no cell holds {holds}"
    return page.locator(f".jp-Cell[data-windowed-list-index='{index}'] .jp-Cell-outputArea")


def live_picture(page, *holds):
    """The live picture of a cell, once it has something to say, as it was in the beginning."""
    picture = show_cell(page, [LIVE, "execute_result", *holds]).locator(".downhill")
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


UNTOLD = {"turn"}  # what no readout tells: it names the rules' own knobs


@each_chapter
def test_every_slider_of_its_first_live_picture_goes_to_both_ends(chapter):
    if not any(map(is_live, itertools.chain(*chapter.shown))):
        pytest.skip("no live picture in this chapter")
    picture = live_picture(chapter.page)
    for slider in picture.locator(".knob:visible input[type=range]").all():
        said, knob = set(), slider.get_attribute("data-knob").replace("warmup", "warm-up")
        for key, end in (("Home", "min"), ("End", "max")):
            slider.press(key)
            assert slider.input_value() == slider.get_attribute(end)
            if knob not in UNTOLD:
                value = slider.get_attribute("aria-valuetext").split(",")[0]  # , asked for
                readout = picture.locator(".readout").element_handle()
                told = "([e, told]) => RegExp(told).test(e.innerText)"
                chapter.page.wait_for_function(
                    told, arg=[readout, f"{knob} {re.escape(value)}[,: ]"]
                )
            said.add(words(picture))
            assert not re.search("undefined|null|NaN|Infinity", words(picture))
        assert len(said) == 2, f"nothing changes with {knob}"
        assert picture.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert set(picture.locator(".notice").all_inner_texts()) <= {""}


@each_chapter
def test_its_live_pictures_fit_a_small_laptop(chapter):
    """647 pixels are left of 768 in JupyterLab, and its file browser stands beside them."""
    page, usual = chapter.page, chapter.page.viewport_size
    model = page.evaluate("window.jupyterapp.shell.currentWidget.content.model.toJSON().cells")
    sources = [cell["source"] for cell in model if cell["cell_type"] == "code"]
    live = [s for s, cell in zip(sources, chapter.shown, strict=True) if any(map(is_live, cell))]
    if not live:
        pytest.skip("no live picture in this chapter")
    page.set_viewport_size(LAPTOP)
    try:
        for source in live:
            picture = live_picture(page, source)
            page.wait_for_timeout(400)
            assert picture.bounding_box()["height"] <= 647
    finally:
        page.set_viewport_size(usual)


@pytest.fixture
def map_01(chapter):
    """The page of chapter 01 and its live map."""
    picture = live_picture(chapter.page, "marks=")
    until(chapter.page, picture, "lr 0.5")
    return chapter.page, picture


@pytest.fixture
def map_00(chapter):
    """The page of chapter 00 and its live map: four rules, one of them with two sliders."""
    picture = live_picture(chapter.page, "stage(*rules")
    until(chapter.page, picture, "SGD, lr 0.95")
    return chapter.page, picture


def slider(stage, knob, rule=""):
    return stage.locator(f"input[data-knob={knob}]{f'[data-rule={rule}]' if rule else ''}").first


def path(stage, nth=0):
    """The points of a path that is drawn."""
    return stage.locator(".trail polyline").nth(nth).get_attribute("points")


def type_number(page, stage, text, nth=0):
    number = stage.locator("input[type=text]").nth(nth)
    number.click(click_count=3)
    page.keyboard.press("Delete")
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    return number


def in_kernel(page, code):
    """Run code in the notebook's kernel, without a cell; return what it prints."""
    return page.evaluate(
        """async code => {
            const future = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel
                .requestExecute({ code });
            let told = "";
            future.onIOPub = ({ content }) => (told += content.text ?? content.traceback ?? "");
            await future.done;
            return told;
        }""",
        code,
    )


@contextmanager
def asking(page, holds):
    """The live picture of a cell that is run again, and that has no program: it asks the kernel."""

    def run():
        page.evaluate(
            """async texts => {
                const notebook = window.jupyterapp.shell.currentWidget.content;
                const told = cell => JSON.stringify(cell.model.sharedModel.toJSON());
                notebook.activeCellIndex = notebook.widgets.findIndex(
                    cell => texts.every(text => told(cell).includes(text)));
                await window.jupyterapp.commands.execute("notebook:run-cell");
            }""",
            [LIVE, "execute_result", holds],
        )
        return live_picture(page, holds)

    forget = "import lab.live.stage; lab.live.stage.program = lambda *args, **more: None"
    assert in_kernel(page, forget) == ""
    try:
        yield run()
    finally:
        in_kernel(page, "from lab.live import tracing; lab.live.stage.program = tracing.program")


@of_chapter("01")
def test_the_live_map_of_chapter_01(map_01):
    page, stage = map_01
    lr = slider(stage, "lr")
    set_slider(page, lr, 0.5)
    assert "diverg" not in words(stage)
    set_slider(page, lr, 1.0)  # across 2/L
    assert "lr 1.2" in words(stage) and "diverged at step" in words(stage)

    before = path(stage)
    lr.press("Home")
    assert "lr 0.1" in words(stage) and "diverg" not in words(stage)
    assert path(stage) != before
    for _ in range(3):
        lr.press("ArrowRight")
    assert "lr 0.13" in words(stage)


@of_chapter("01")
def test_a_typed_number_is_taken_or_refused_in_words(map_01):
    page, stage = map_01
    type_number(page, stage, "0,25")  # a decimal comma
    until(page, stage, "lr 0.25:")
    type_number(page, stage, "19.5")  # beyond the slider, as the chapter asks
    until(page, stage, "lr 19.5:", "diverged")
    type_number(page, stage, "0.25")
    until(page, stage, "lr 0.25:")
    for typed, why in (
        ("-3", "lr must be finite and not negative"),
        ("abc", "“abc” is not a number"),
        ("", "Type a number"),
        ("1e400", "larger than any number"),
        ("1.2.3", "is not a number"),
    ):
        number = type_number(page, stage, typed)
        stage.locator(".notice", has_text=why).wait_for()
        assert number.input_value() == "0.25" and "lr 0.25:" in words(stage)
    slider(stage, "lr").press("Home")
    assert stage.locator(".notice").inner_text() == ""


@of_chapter("01")
def test_the_start_can_be_dragged_and_moved_by_keys(map_01):
    page, stage = map_01
    start = stage.locator(".start")
    assert "start at (-7, 2)" in start.get_attribute("aria-label")
    before = path(stage)
    start.scroll_into_view_if_needed()
    box = start.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] - 40, steps=6)
    page.mouse.up()
    line = stage.locator(".trail polyline").element_handle()
    page.wait_for_function("([e, old]) => e.getAttribute('points') !== old", arg=[line, before])
    page.wait_for_function("e => !e.classList.contains('asked')", arg=start.element_handle())
    x, y = map(float, re.findall(r"-?[\d.]+", start.get_attribute("aria-label")))
    assert x > -5 and y > 2.5
    start.press("ArrowRight")
    page.wait_for_function(
        "([e, told]) => e.getAttribute('aria-label').includes(told)",
        arg=[start.element_handle(), f"start at ({x + 0.2:.4g}, "],
    )

    # The slider works from the new start at once, and Reset goes back.
    set_slider(page, slider(stage, "lr"), 1.0)
    until(page, stage, "diverged at step")
    stage.get_by_text("Reset").click()
    assert "start at (-7, 2)" in start.get_attribute("aria-label") and path(stage) == before


@of_chapter("01")
def test_a_click_places_the_start_and_the_right_button_does_not(map_01):
    page, stage = map_01
    start, svg = stage.locator(".start"), stage.locator("svg").first
    svg.scroll_into_view_if_needed()
    box = svg.bounding_box()
    place = box["x"] + 0.7 * box["width"], box["y"] + 0.3 * box["height"]
    page.mouse.click(*place, button="right")
    page.keyboard.press("Escape")
    assert "start at (-7, 2)" in start.get_attribute("aria-label")
    page.mouse.click(*place)
    page.wait_for_function(
        "e => !e.getAttribute('aria-label').includes('(-7, 2)')", arg=start.element_handle()
    )
    box = start.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    assert middle == pytest.approx(place, abs=6)


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
def test_play_ends_with_the_run_and_is_told_once(map_01):
    page, stage = map_01
    slider(stage, "lr").press("End")  # it diverges early
    last = int(re.search(r"step (\d+): f", words(stage))[1])
    assert last < 20
    page.wait_for_timeout(1000)  # until this has been spoken
    stage.evaluate(
        """e => {
            window.spoken = [];
            const hear = ({ target }) => (target.closest ? target : target.parentElement)
                .closest('[role=status], [aria-live]:not([aria-live=off])');
            new MutationObserver(all => all.filter(hear).length && window.spoken.push(1))
                .observe(e, { subtree: true, characterData: true, childList: true });
        }"""
    )
    stage.get_by_text("Play").click()  # for a second: longer than a pause in which it would speak
    page.wait_for_function(
        "e => e.innerText === 'Play'", arg=stage.locator(".transport button").first.element_handle()
    )
    assert stage.locator(".counter").inner_text() == f"step {last} of 60"
    page.wait_for_timeout(1200)
    assert page.evaluate("window.spoken.length") <= 1
    assert f"step {last}: f" in stage.locator("[role=status]").inner_text()


@of_chapter("00")
def test_reset_brings_the_opening_back(map_00):
    """Also where the opening value lies between the positions of a slider's own grid."""
    page, stage = map_00
    before, told = path(stage), words(stage)
    lr = slider(stage, "lr", "SGD")
    for key in ("ArrowLeft", "ArrowRight"):
        lr.press(key)
    assert words(stage) == told
    lr.press("ArrowLeft")
    stage.get_by_text("Reset").click()
    assert (path(stage), words(stage)) == (before, told)


@of_chapter("00")
def test_what_is_told_is_what_is_drawn_while_the_kernel_works(chapter):
    with asking(chapter.page, "stage(*rules") as stage:
        until(chapter.page, stage, "SGD, lr 0.95")
        ask_a_busy_kernel(chapter.page, stage)


def ask_a_busy_kernel(page, stage):
    slow = """
import time
from lab.live.widget import Asking
Asking.sound, Asking._answer = Asking._answer, lambda *a: time.sleep(1.5) or Asking.sound(*a)
"""
    assert in_kernel(page, slow) == ""
    try:
        slider(stage, "lr", "Momentum").press("End")
        told, drawn = words(stage), path(stage, 1)
        assert "Momentum, lr 2, momentum 0.9:" in told
        momentum = slider(stage, "momentum", "Momentum")
        momentum.press("End")
        stage.locator(".wait").wait_for(timeout=2000)
        assert stage.get_attribute("aria-busy") == "true"
        assert (words(stage), path(stage, 1)) == (told, drawn)
        assert momentum.get_attribute("aria-valuetext") == "0.9999, asked for"
        until(page, stage, "Momentum, lr 2, momentum 0.9999:")
        assert path(stage, 1) != drawn and momentum.get_attribute("aria-valuetext") == "0.9999"
        assert stage.get_attribute("aria-busy") == "false"
        assert not stage.locator(".wait").is_visible()
        momentum.press("Home")  # the kernel has much to do, and then hears of the last wish alone
        momentum.press("End")
        number = momentum.locator("xpath=ancestor::*[@class='knob']//input[@type='text']")
        number.fill("1.5")
        number.press("Enter")
        stage.locator(".notice", has_text="momentum must be").wait_for()
        assert "momentum 1.5" not in words(stage)
    finally:
        in_kernel(page, "Asking._answer = Asking.sound")


@contextmanager
def second_view(page, holds):
    """Another view of the output of the cell that holds a text."""
    page.evaluate(
        """text => {
            const notebook = window.jupyterapp.shell.currentWidget.content;
            const told = cell => JSON.stringify(cell.model.sharedModel.toJSON());
            notebook.activeCellIndex = notebook.widgets.findIndex(
                cell => told(cell).includes(text));
            return window.jupyterapp.commands.execute("notebook:create-output-view");
        }""",
        json.dumps(holds)[1:-1],
    )
    try:
        yield page.locator(".jp-LinkedOutputView .downhill")
    finally:
        page.evaluate(
            """() => {
                const { shell } = window.jupyterapp;
                for (const widget of [...shell.widgets("main")])
                    if (!widget.context) widget.dispose();
                shell.activateById([...shell.widgets("main")][0].id);
            }"""
        )


@of_chapter("00")
def test_two_views_of_one_picture_agree(map_00):
    page, stage = map_00
    with second_view(page, "stage(*rules") as other:
        until(page, other, "SGD, lr 0.95")
        slider(stage, "lr", "SGD").press("End")
        until(page, other, "SGD, lr 2:")
        slider(other, "lr", "Adam").press("Home")
        until(page, stage, "SGD, lr 2:", "Adam, lr 0,")
        type_number(page, other, "-1")
        other.locator(".notice", has_text="lr must be").wait_for()
        type_number(page, stage, "0.777")
        until(page, other, "SGD, lr 0.777:")
        assert words(other) == words(stage)
        assert slider(other, "lr", "SGD").get_attribute("aria-valuetext") == "0.777"


@of_chapter("00")
def test_paths_are_told_apart_without_colour(map_00):
    _, stage = map_00
    lines = stage.locator(".readout li")
    shapes = lines.locator(".legend path:last-child").evaluate_all("e => e.map(p => p.outerHTML)")
    assert len(set(re.search(' d="([^"]+)"', shape)[1] for shape in shapes)) == lines.count() == 4


@of_chapter("00")
def test_the_loss_is_drawn_against_the_step(map_00):
    """Adam's f, as the readout tells it, stands at the head of its curve."""
    _, stage = map_00
    curves, head = stage.locator("svg").nth(1), None
    assert "against the step" in curves.get_attribute("aria-label")
    assert curves.locator(".ticks text").last.text_content() == "f"
    heads = curves.locator("> g:last-child path")
    ticks = curves.locator(".ticks text").evaluate_all(
        "all => all.map(e => [e.textContent.replace('−', '-'), +e.getAttribute('y') - 4])"
    )
    known = [(float(text), y) for text, y in ticks[:-2] if text not in map(str, range(0, 31, 5))]
    (low, y_low), (high, y_high) = min(known), max(known)
    for told, k in zip(stage.locator(".readout li").all_inner_texts(), range(4)):
        f = float(re.search(r"f = (\S+)", told)[1])
        head = heads.nth(k).get_attribute("transform")
        y = float(re.search(r"translate\([^,]+,([^)]+)\)", head)[1])
        share = (math.log(f) - math.log(low)) / (math.log(high) - math.log(low))
        assert y == pytest.approx(y_low + share * (y_high - y_low), abs=0.5)


@of_chapter("00")
def test_the_last_setting_stays_as_a_faint_trail(map_00):
    _, stage = map_00
    ghost, before = stage.locator(".faint").first, path(stage)
    assert ghost.get_attribute("points") in ("", None)
    slider(stage, "lr", "SGD").press("Home")
    assert ghost.get_attribute("points") == before != path(stage)
    stage.get_by_text("Reset").click()
    assert ghost.get_attribute("points") == ""


@of_chapter("00")
def test_what_is_drawn_can_be_copied_as_code(map_00):
    page, stage = map_00
    slider(stage, "lr", "Momentum").press("Home")
    stage.get_by_role("checkbox", name="Adam").uncheck()
    stage.evaluate("() => (navigator.clipboard.writeText = () => Promise.reject())")
    stage.get_by_text("Copy as code").click()
    code = stage.get_by_label("the code of what is drawn")
    code.wait_for()
    text = code.input_value()
    assert text.startswith("stage(SGD(lr=0.95), Momentum(lr=0), AdaGrad(lr=1.5), on=bowl, steps=30")
    assert in_kernel(page, f"print(repr({text}))").startswith("Live map. Descent on the bowl")
    stage.get_by_role("checkbox", name="Adam").check()


@of_chapter("02")
def test_a_turned_map_is_copied_with_its_angle(chapter):
    """Also at the angle it opens with, which is not the one that `stage` takes if none is given."""
    page, stage = chapter.page, live_picture(chapter.page, "turns=")
    stage.evaluate("() => (navigator.clipboard.writeText = () => Promise.reject())")
    for angle, key in ((45, None), (0, "Home"), (90, "End")):
        if key:
            stage.locator("input[data-knob=turn]").press(key)
        stage.get_by_text("Copy as code").click()
        text = stage.get_by_label("the code of what is drawn").input_value()
        assert f"bowl turned by {angle}°" in in_kernel(page, f"print(repr({text}))").replace(
            "Descent on the bowl from", "bowl turned by 0° from"
        )
    stage.get_by_text("Reset").click()


@of_chapter("00")
def test_a_pointer_that_hovers_is_told_f(map_00):
    page, stage = map_00
    svg = stage.locator("svg").first
    svg.scroll_into_view_if_needed()
    box = svg.bounding_box()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.4 * box["height"])
    f, x, y = re.fullmatch(
        r"f ≈ (\S+) at \((\S+),\s(\S+)\)", svg.locator(".hover").text_content()
    ).groups()
    assert float(f) == pytest.approx(float(x) ** 2 / 20 + float(y) ** 2, rel=0.06)


@of_chapter("00")
def test_shortcuts_with_ctrl_are_left_to_jupyter(map_00):
    page, stage = map_00
    lr, cells = slider(stage, "lr", "SGD"), page.locator(".jp-Cell").count()
    lr.focus()
    for key in ("a", "b", "d", "d", "x", "ArrowUp", "ArrowDown"):
        page.keyboard.press(key)
    assert page.locator(".jp-Cell").count() == cells
    dirty = "window.jupyterapp.shell.currentWidget.context.model.dirty"
    assert page.evaluate(dirty)
    page.keyboard.press("Control+s")
    page.wait_for_function(f"!{dirty}")


@of_chapter("00")
def test_a_map_scrolls_under_a_finger(map_00):
    _, stage = map_00
    action = "e => getComputedStyle(e).touchAction"
    assert stage.locator("svg").first.evaluate(action) == "pan-y"
    assert stage.locator(".start").evaluate(action) == "none"
    assert stage.locator(".start circle").first.bounding_box()["width"] >= 24


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
def test_a_reply_without_its_bytes_is_left_out(chapter):
    """A kernel that shuts down sends the bytes of another message in place of the paths."""
    with asking(chapter.page, "marks=") as stage:
        send_no_bytes(chapter.page, stage)


def send_no_bytes(page, stage):
    drawn, told = path(stage), words(stage)
    in_kernel(
        page,
        """
from lab.live.stage import Stage
shown = [value for value in Out.values() if isinstance(value, Stage)][-1]
settings = {**shown.settings, "start": [7, 2]}
reply = {**shown.opening, "id": "x", "settings": settings}
state = {"reply": reply, "settings": settings}
update = {"method": "update", "state": state, "buffer_paths": [["runs"]]}
shown.comm.send(update, buffers=[b"kernel.01234567-89ab-cdef-0123-456789abcdef.shutdown"])
""",
    )
    page.wait_for_timeout(500)
    assert (path(stage), words(stage)) == (drawn, told)
    stage.get_by_text("Reset").click()
    set_slider(page, slider(stage, "lr"), 1.0)
    assert "diverged at step" in words(stage)


@of_chapter("01")
def test_nothing_is_cut_off_on_a_telephone(map_01):
    """Other kinds and widths: test_drawn.py."""
    page, stage = map_01
    page.set_viewport_size({"width": 360, "height": 900})
    page.evaluate("window.jupyterapp.shell.collapseLeft(), window.jupyterapp.shell.collapseRight()")
    page.wait_for_timeout(500)
    assert stage.evaluate("e => e.scrollWidth <= e.clientWidth")
    box = stage.bounding_box()
    assert box["width"] > 200
    size = "e => e.getBBox().height * Math.hypot(e.getScreenCTM().b, e.getScreenCTM().d)"
    for text in stage.locator(".ticks text").all():  # of one size at any width
        assert text.evaluate(size) > 11
    labels = [label.bounding_box() for label in stage.locator(".predicted span").all()]
    for a, b in itertools.combinations(labels, 2):
        apart = a["x"] + a["width"] <= b["x"] or b["x"] + b["width"] <= a["x"]
        assert apart or abs(a["y"] - b["y"]) >= 12, "labels of predictions touch"
    for part in stage.locator("svg, input, button, .predicted span, .readout li").all():
        inner = part.bounding_box()
        assert box["x"] <= inner["x"] and inner["x"] + inner["width"] <= box["x"] + box["width"] + 1


# -------------------------------------------------------------- plane and fault injector


def agreed(page, picture):
    """Wait until nothing is asked for that is not drawn."""
    page.wait_for_function(
        "e => !e.querySelector('.asked') && !e.classList.contains('waiting')",
        arg=picture.element_handle(),
    )


def ring_at(plane, nth=0):
    """The lr and the momentum that a ring says it is at."""
    told = plane.locator(".ring").nth(nth).get_attribute("aria-label")
    return [float(value) for value in re.findall(r"(?:lr|momentum) ([\d.e-]*\d)", told)]


@pytest.fixture
def plane_04(chapter):
    picture = live_picture(chapter.page, "plane(\n")
    until(chapter.page, picture, "lr 0.1, momentum 0.9: measured rate", "predicted 0.9487")
    agreed(chapter.page, picture)
    return chapter.page, picture


@of_chapter("04")
def test_a_click_on_the_plane_picks_a_setting(plane_04):
    page, plane = plane_04
    before, heat = path(plane), plane.locator("svg:has(.ring)")
    heat.scroll_into_view_if_needed()
    box = heat.bounding_box()
    page.mouse.click(box["x"] + 0.9 * box["width"], box["y"] + 0.7 * box["height"])
    until(page, plane, "diverged at step")  # far to the right of 2 + 2β
    agreed(page, plane)
    lr, momentum = ring_at(plane)
    assert f"lr {lr:g}, momentum {momentum:g}:" in words(plane) and path(plane) != before
    assert slider(plane, "lr").get_attribute("aria-valuetext") == f"{lr:g}"
    assert slider(plane, "momentum").get_attribute("aria-valuetext") == f"{momentum:g}"
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 0.75 * box["height"])
    assert "diverges at (" in heat.locator(".hover").text_content()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.3 * box["height"])
    assert heat.locator(".hover").text_content().startswith("rate 0.")


@of_chapter("04")
def test_the_planes_sliders_need_no_kernel(plane_04):
    """Row and column of the ring are in the browser already: what is told is of the same frame."""
    page, plane = plane_04
    plane.evaluate("e => e.scrollIntoView()")
    for knob, other in (("lr", "momentum 0.9"), ("momentum", "lr 0.1")):
        told = slider(plane, knob).evaluate(
            """(e, more) => {
                const told = [];
                for (const share of [0, 0.3, 0.6, 1]) {
                    e.value = Math.round(share * e.max);
                    e.dispatchEvent(new Event("input", { bubbles: true }));
                    told.push([e.getAttribute("aria-valuetext"),
                        e.closest(".downhill").querySelector(".readout").innerText]);
                }
                return told;
            }"""
        )
        for value, said in told:
            assert f"{knob} {value}" in said and other in said and "asked" not in value
        plane.get_by_text("Reset").click()
        agreed(page, plane)


@of_chapter("04")
def test_the_ring_moves_by_keys_and_a_bad_number_is_refused(plane_04):
    page, plane = plane_04
    slider(plane, "momentum").press("Home")
    until(page, plane, "momentum 0:")
    page.keyboard.press("Tab")  # to the number beside it
    page.keyboard.press("Control+a")
    page.keyboard.type("1.5")
    page.keyboard.press("Enter")
    plane.locator(".notice", has_text="momentum must be at least 0 and less than 1").wait_for()
    plane.locator(".ring").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowUp")
    until(page, plane, "lr 0.09, momentum 0.1:")
    assert ring_at(plane) == [0.09, 0.1]
    plane.get_by_text("Reset").click()
    until(page, plane, "lr 0.1, momentum 0.9:")
    assert ring_at(plane) == [0.1, 0.9]


@of_chapter("05")
def test_each_rule_has_a_plane_with_a_ring(chapter):
    page, planes = chapter.page, live_picture(chapter.page, "plane(\n")
    until(page, planes, "Momentum, lr 0.74, momentum 0.9:", "SGD, lr 0.74: measured rate")
    assert planes.locator(".ring").count() == 3
    planes.locator(".ring").nth(1).press("ArrowRight")
    until(page, planes, "Momentum, lr 0.76, momentum 0.9:", "SGD, lr 0.76:")
    agreed(page, planes)
    assert [ring_at(planes, k) for k in range(3)] == [[0.76, 0.9]] * 3
    assert all(
        planes.locator("svg[role=group], svg[role=img]").evaluate_all(
            "all => all.map(e => e.getAttribute('aria-label'))"
        )
    )


@of_chapter("06")
def test_the_landscape_of_chapter_06_can_be_turned(chapter):
    page, stage = chapter.page, live_picture(chapter.page, "turns=")
    until(page, stage, "SGD, lr 0.95", "f = 1.333e-02")

    def heights():
        """f where each path ends, by its rule."""
        told = stage.locator(".readout li").all_inner_texts()
        return {text.split(",")[0]: float(text.split("f = ")[1].split()[0]) for text in told}

    set_slider(page, stage.locator("input[data-knob=turn]"), 0.0)
    before = heights()
    set_slider(page, stage.locator("input[data-knob=turn]"), 0.5)  # by 45 degrees
    after = heights()
    assert after["SGD"] == before["SGD"]
    assert after["AdaGrad"] > 100 * before["AdaGrad"]


@of_chapter("09")
def test_the_fault_injector_of_chapter_09(chapter):
    page, injector = chapter.page, live_picture(chapter.page, "injector(Adam")
    until(page, injector, "bias correction none: step 60", "Most: 6.57 times at step 12.")
    agreed(page, injector)
    wrong = path(injector, 1)
    injector.get_by_role("radio", name="right", exact=True).check()
    until(page, injector, "no fault: step 60", "At every step: 1 times")
    assert path(injector, 1) == path(injector, 0), "without a fault both paths are one"
    agreed(page, injector)
    injector.get_by_role("radio", name="no powers").check()
    until(page, injector, "bias correction no powers")
    assert path(injector, 1) not in (wrong, path(injector, 0))
    slider(injector, "lr").press("End")
    until(page, injector, "Adam, lr 10, beta1 0.9")
    type_number(page, injector, "-1")
    injector.locator(".notice", has_text="lr must be finite and not negative").wait_for()
    injector.get_by_text("Reset").click()
    until(page, injector, "Adam, lr 0.3", "bias correction none")
    assert path(injector, 1) == wrong
    assert injector.get_by_role("radio", name="none").is_checked()
    injector.get_by_label("step shown").press("Home")
    until(page, injector, "Step 0: no step taken yet.")
    assert injector.evaluate("e => e.scrollWidth <= e.clientWidth")
    injector.get_by_text("Reset").click()


@of_chapter("03")
def test_the_cloud_of_chapter_03(chapter):
    """What is told agrees with the formulas, and nothing is told where there is nothing."""
    cloud = live_picture(chapter.page, "cloud(SGD")

    def means():
        """The mean f measured and the one predicted."""
        return [float(f) for f in re.findall(r"mean f = ([\d.e+-]+\d)", words(cloud))]

    opening = words(cloud)
    assert "lr 0.3, batch 1 of 256" in opening and "86.5" in opening
    assert means() == pytest.approx([0.1844, 0.1833], abs=1e-4)
    slider(cloud, "lr").press("End")  # beyond 2/L
    assert "300 of 300 runs are off the map" in words(cloud) and "It diverges" in words(cloud)
    assert means()[0] == pytest.approx(means()[1], rel=0.5) and means()[0] > 1e30
    cloud.get_by_label("step shown").press("Home")  # all at the start: no share in an ellipse
    assert "all runs at one point" in words(cloud) and "%" not in words(cloud)
    assert means() == [6.45, 6.45]
    cloud.get_by_text("Reset").click()
    assert words(cloud) == opening

    slider(cloud, "batch").press("End")
    assert "no gradient is off" in words(cloud) and "there is no floor" in words(cloud)
    assert cloud.locator(".faint path").get_attribute("d") != ""
    cloud.get_by_text("Reset").click()
    assert words(cloud) == opening and cloud.locator(".faint path").get_attribute("d") == ""


@of_chapter("03")
def test_the_cloud_takes_or_refuses_numbers_in_words(chapter):
    page, cloud = chapter.page, live_picture(chapter.page, "cloud(SGD")
    type_number(page, cloud, "3", nth=1)  # no position of the slider, but a batch
    assert "lr 0.3, batch 3 of 256" in words(cloud)
    for nth, typed, why, value in (
        (0, "-1", "SGD lr: the slider goes from 0.01 to 1.1", "0.3"),
        (0, "abc", "is not a number", "0.3"),
        (1, "300", "batch size b: the slider goes from 1 to 256", "3"),
        (1, "2.5", "between two positions", "2"),
        (0, "0.37", "the nearest is shown, 0.35", "0.35"),
    ):
        number = type_number(page, cloud, typed, nth)
        assert why in cloud.locator(".notice").inner_text()
        assert number.input_value() == value
    assert "lr 0.35, batch 2 of 256" in words(cloud)
    cloud.evaluate("() => (navigator.clipboard.writeText = () => Promise.reject())")
    cloud.get_by_text("Copy as code").click()
    code = cloud.get_by_label("the code of what is drawn")
    code.wait_for()
    text = code.input_value()
    assert text == "cloud(SGD(lr=0.35), on=bowl, sigma=1, examples=256, batch=2)"
    assert "SGD(lr=0.35) on the bowl" in in_kernel(page, f"print(repr({text}))")


@of_chapter("03")
def test_play_of_a_cloud_ends_where_all_runs_have_left(chapter):
    cloud = live_picture(chapter.page, "cloud(SGD")
    slider(cloud, "lr").press("End")
    cloud.get_by_label("speed of play").select_option("4")
    cloud.get_by_text("Play").click()
    cloud.get_by_text("Play", exact=True).wait_for()
    assert "300 of 300 runs are off the map" in words(cloud)
    assert cloud.locator(".counter").inner_text() != "step 233 of 233"
    cloud.get_by_label("speed of play").select_option("1")


@of_chapter("11")
def test_the_schedules_of_chapter_11(chapter):
    page, stage = chapter.page, live_picture(chapter.page, "schedule_stage(\n")
    lines = stage.locator("polyline")
    opening = [line.get_attribute("points") for line in lines.all()]
    peak = slider(stage, "peak")
    set_slider(page, peak, 1.0)
    assert "peak 2," in words(stage) and "Runs diverge from step" in words(stage)
    peak.press("Home")
    assert "peak 0.05," in words(stage) and "Mean f of" in words(stage)
    slider(stage, "warmup").press("End")
    assert "warm-up 60" in words(stage)
    stage.locator("select[data-knob=shape]").select_option(label="linear")
    assert "then linear" in words(stage)
    assert all(line.get_attribute("points") != old for line, old in zip(lines.all(), opening))

    for typed, why, value in (
        ("0.41", "the nearest is shown, 0.4", "0.4"),
        ("-1", "peak lr: the slider goes from 0.05 to 2", "0.4"),
        ("abc", "is not a number", "0.4"),
    ):
        number = type_number(page, stage, typed)
        assert why in stage.locator(".notice").inner_text()
        assert f"peak {value}," in words(stage) and number.input_value() == value
    stage.get_by_label("step shown").press("Home")
    assert "Step 0," in words(stage) and "not yet used" in words(stage)
    stage.get_by_text("Reset").click()
    assert [line.get_attribute("points") for line in lines.all()] == opening
    assert stage.locator(".notice").inner_text() == ""


@of_chapter("06")
def test_a_lost_kernel_is_told_and_what_is_here_still_moves(chapter):
    """The last test of its chapter: it ends the kernel."""
    page = chapter.page
    with asking(page, "turns=") as stage:
        told = words(stage)
    page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    stage.locator(".notice", has_text="run this cell again").wait_for()
    slider(stage, "lr", "SGD").press("End")
    assert "SGD, lr 10:" in words(stage)
    stage.get_by_text("Reset").click()
    assert words(stage) == told
    start = stage.locator(".start")
    where = start.get_attribute("aria-label")
    start.press("ArrowRight")
    stage.locator(".notice", has_text="run this cell again").wait_for()
    assert start.get_attribute("aria-label") == where and words(stage) == told
    assert not stage.locator(".wait").is_visible()


@of_chapter("02")
def test_on_the_second_day_the_picture_is_there(chapter):
    """Also if Jupyter is set to save no widget, and the kernel went before the save.

    Nothing that the reader can do with it needs a kernel, so none is asked for.
    """
    page, stage = chapter.page, live_picture(chapter.page, "turns=")
    told = words(stage)
    page.evaluate(
        """async () => {
            const { commands, shell, serviceManager } = window.jupyterapp;
            const keep = "@jupyter-widgets/jupyterlab-manager:saveWidgetState";
            if (commands.isToggled(keep)) await commands.execute(keep);
            await shell.currentWidget.sessionContext.session.kernel.restart();
            await commands.execute("docmanager:save");
            await serviceManager.sessions.shutdownAll();
        }"""
    )
    open_notebook(page, page.evaluate("window.jupyterapp.shell.currentWidget.context.path")[10:])
    stage = show_cell(page, [LIVE, "execute_result", "turns="]).locator(".downhill")
    stage.locator(".readout li").first.wait_for(timeout=60_000)
    until(page, stage, *told.splitlines())
    for grip, key in (("input[data-knob=turn]", "End"), (".start", "Shift+ArrowRight")):
        before = path(stage)
        stage.locator(grip).press(key)
        page.wait_for_timeout(300)
        assert path(stage) != before and not stage.locator(".asked").count()
    assert stage.locator(".notice").inner_text() == ""
