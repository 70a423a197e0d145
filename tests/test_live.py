"""The base of the live pictures: how they come and go in a kernel, and without one."""

import gc
import subprocess
import sys
import weakref
from types import SimpleNamespace

import ipywidgets
import pytest
from conftest import ROOT
from course_files import page
from lab import bowl, stage
from lab.live import widget
from lab.live.scene import Slider

from optimizers import SGD


@pytest.fixture
def run_cell(monkeypatch):
    """Show a picture as the result of a cell: run_cell(id, picture)."""
    parents, widgets = iter(range(99)), set(ipywidgets.widgets.widget._instances)

    def show(cell, picture):
        parent = {"metadata": {"cellId": cell}, "header": {"msg_id": f"run {next(parents)}"}}
        kernel = SimpleNamespace(get_parent=lambda: parent)
        monkeypatch.setattr(widget, "get_ipython", lambda: kernel, raising=False)
        return picture._repr_mimebundle_()

    yield show
    for name in set(ipywidgets.widgets.widget._instances) - widgets:
        if name in ipywidgets.widgets.widget._instances:  # a picture closes its layout too
            ipywidgets.widgets.widget._instances[name].close()
    widget._shown.clear()


def test_a_cell_that_runs_again_leaves_nothing_behind(run_cell):
    known = len(ipywidgets.widgets.widget._instances)
    seen = []
    for _ in range(4):
        picture = stage(SGD(), on=bowl, steps=5)
        run_cell("a", picture)
        seen.append(weakref.ref(picture))
    gc.collect()
    assert len(ipywidgets.widgets.widget._instances) == known + 2  # the last, and its layout
    assert [picture() is None for picture in seen] == [True, True, True, False]


def test_a_picture_that_is_shown_elsewhere_stays(run_cell):
    picture = stage(SGD(), on=bowl, steps=5)
    run_cell("a", picture)
    run_cell("b", picture)
    run_cell("a", stage(SGD(), on=bowl, steps=5))
    assert picture.comm is not None
    run_cell("b", stage(SGD(), on=bowl, steps=5))
    assert picture.comm is None


def test_a_closed_picture_can_be_shown_again(run_cell):
    picture = stage(SGD(lr=0.5), on=bowl, steps=5)
    opening = picture.opening_runs
    run_cell("a", picture)
    picture.request = {"id": "1", "settings": {**picture.settings, "0.lr": 0.1}, "sweeps": True}
    run_cell("a", stage(SGD(), on=bowl, steps=5))
    assert picture.comm is None and picture.runs == b""
    data = run_cell("c", picture)[0]
    assert picture.comm is not None and picture.opening_runs == opening
    shown = data["application/vnd.jupyter.widget-view+json"]["model_id"]
    assert shown == picture.model_id and picture.layout.comm is not None


def test_a_picture_watches_no_file():
    """A watched file would hold every picture for ever."""
    for kind in widget.Live.__subclasses__() + widget.Asking.__subclasses__():
        assert isinstance(kind._css, str) and isinstance(getattr(kind, "_esm", ""), str)


@pytest.mark.parametrize("missing", ["anywidget", "ipywidgets"])
def test_without_its_package_a_picture_is_still_and_says_why(missing):
    code = f"""
import sys
sys.modules[{missing!r}] = None
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "notebooks")!r}]
import lab.live.progress
from lab import bowl, stage
from optimizers import SGD
picture = stage(SGD(lr=0.5), on=bowl)
data, size = picture._repr_mimebundle_()
print(sorted(data), size["image/png"]["width"], picture)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    why, shown = done.stdout.splitlines()
    assert why.startswith("Live pictures are still here") and "pip install" in why
    assert shown.startswith("['image/png', 'text/plain'] 440 Live map. Descent on the bowl")


@pytest.mark.parametrize("missing", ["anywidget", "ipywidgets"])
def test_without_a_package_a_lesson_runs_to_its_end(missing):
    """On a hub that lacks it: live pictures are stills, and each says why."""
    code = f"""
import os, sys
sys.modules[{missing!r}] = None
os.chdir({str(ROOT / "notebooks")!r})
sys.path.insert(0, "")
import matplotlib, nbformat
matplotlib.use("agg")
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for cell in nbformat.read({str(page("04"))!r}, 4).cells:
    if cell.cell_type == "code":
        run = shell.run_cell(cell.source)
        assert run.success, (cell.id, run.error_in_exec)
        if "Live" in repr(run.result):
            data, size = run.result._repr_mimebundle_()
            assert sorted(data) == ["image/png", "text/plain"]
            print("still:", cell.id)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("still:") == 3
    assert done.stdout.count("Live pictures are still here") >= 3


def test_a_slider_with_the_opening_on_it():
    slider = Slider("0.lr", "SGD lr", [0.1, 0.2, 0.4], 0, {"a": 0.3}).including(0.25)
    told = slider.describe()
    assert told["values"] == [0.1, 0.2, 0.25, 0.4]
    assert told["marks"] == [{"label": "a", "value": 0.3, "at": pytest.approx(7 / 9)}]
