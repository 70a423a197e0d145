"""A browser, a page of one live picture, and a JupyterLab, for the tests and the benchmark."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from types import SimpleNamespace
from urllib.request import urlopen

from course_files import ROOT

FLAGS = [  # without the last three Chromium asks its maker's hosts for news at every start
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextmanager
def chromium(playwright):
    """The system's Chromium, else Playwright's own, else Chrome; OSError if there is none."""
    name = next(filter(shutil.which, ["chromium", "chromium-browser", "google-chrome"]), None)
    ways = [{"executable_path": shutil.which(name)}] if name else [{}, {"channel": "chrome"}]
    with playwright.sync_playwright() as p:
        for way in ways:
            try:
                browser = p.chromium.launch(args=FLAGS, **way)
            except playwright.Error as problem:
                reason = str(problem).splitlines()[0]
            else:
                break
        else:
            raise OSError(f"no browser: install Chromium or Chrome ({reason})")
        yield browser
        browser.close()


SHOW = """async ([source, css, scene]) => {
    document.head.appendChild(document.createElement("style")).textContent = css;
    const state = { scene, settings: scene.first };
    const model = {
        get: (name) => state[name],
        set: (name, value) => { if (typeof name === "string") state[name] = value; return {}; },
        on() {}, off() {}, save_changes() {},
    };
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const { default: picture } = await import(url);
    picture.render({ model, el: document.body.appendChild(document.createElement("div")) });
}"""
WIDTHS = [1066, 768, 360]  # the first is the notebook's part of a small laptop's window


@contextmanager
def alone(browser, picture):
    """A page that shows a live picture as it opens, and no kernel. An exception there fails."""
    page = browser.new_page(viewport={"width": 1000, "height": 700})
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.evaluate(SHOW, [picture._esm, picture._css, json.loads(json.dumps(picture.scene))])
    yield page
    assert not wrong
    page.close()


def fits(page, width):
    """Assert that nothing on a page is wider than its window, nor higher than a small laptop's."""
    page.set_viewport_size({"width": width, "height": 647})
    page.wait_for_timeout(100)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width == WIDTHS[0]:
        assert page.locator(".downhill").bounding_box()["height"] <= 647


@contextmanager
def jupyterlab(home):
    """A running JupyterLab with a copy of the course below `home`: .url, .port, .token, .course.

    Nothing that it stores reaches the course itself or the settings of whoever runs it.
    """
    course = home / "course"
    for name in ("notebooks", "img"):
        shutil.copytree(ROOT / name, course / name, ignore=shutil.ignore_patterns(".ipynb_*"))
    shutil.copy(ROOT / "optimizers.py", course)
    shutil.copytree(ROOT / ".jupyter", course / ".jupyter")
    port, token = free_port(), secrets.token_hex()
    private = ["JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"]
    log = home / "log.txt"
    with open(log, "w", encoding="utf-8") as output:
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
                *("--ip=127.0.0.1", f"--port={port}", f"--IdentityProvider.token={token}"),
                *("--expose-app-in-browser", "--LabApp.app_settings_dir=.jupyter"),
                f"--ServerApp.root_dir={course}",
            ],
            cwd=course,
            env={**os.environ, **{name: str(home / name.lower()) for name in private}},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        for _ in range(240):
            try:
                urlopen(f"{url}/api/status?token={token}", timeout=5).close()
                break
            except OSError:
                assert server.poll() is None, log.read_text(encoding="utf-8")
                time.sleep(0.25)
        else:
            raise OSError("JupyterLab did not answer: " + log.read_text(encoding="utf-8"))
        yield SimpleNamespace(url=url, port=port, token=token, course=course)
    finally:
        server.terminate()
        server.wait(30)


def open_notebook(page, name):
    """Open notebooks/NAME as the README's command does, and wait until it can be used."""
    page.goto(f"{page.lab.url}/lab/tree/notebooks/{name}?token={page.lab.token}&reset")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    page.wait_for_function(
        """() => {
            const app = window.jupyterapp, panel = app?.shell.currentWidget;
            return app?.commands.hasCommand("notebook:run-all-cells")
                && panel?.sessionContext?.session?.kernel?.status === "idle";
        }""",
        timeout=60_000,
    )


def run_all(page):
    """Run all cells, wait until the kernel is idle, and return `outputs(page)`."""
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_function(
        """() => window.jupyterapp.shell.currentWidget
            .sessionContext.session.kernel.status === "idle\"""",
        timeout=120_000,
    )
    return outputs(page)


def outputs(page):
    """The outputs of the open notebook as stored in a file: one list for each code cell."""
    cells = page.evaluate("window.jupyterapp.shell.currentWidget.content.model.toJSON().cells")
    return [cell["outputs"] for cell in cells if cell["cell_type"] == "code"]
