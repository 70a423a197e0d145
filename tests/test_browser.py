"""A reader's browser: JupyterLab opens a chapter, runs it, and shows no error.

The course is copied to a temporary folder first, so that JupyterLab saves nothing into it.
"""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from types import SimpleNamespace
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from course_files import NOTEBOOKS, ROOT

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

LOOPBACK = {"127.0.0.1", "localhost"}
FLAGS = [  # without the last three Chromium asks its maker's hosts for news at every start
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# An exception of JupyterLab 4.1 itself on opening any notebook: gone in 4.2.
BENIGN = ("Cannot read properties of undefined (reading 'type')", "/static/lab/jlab_core.")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture(scope="module")
def browser():
    """The system's Chromium, else Playwright's own, else Chrome."""
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
            pytest.skip(f"no browser: install Chromium or Chrome ({reason})")
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A running JupyterLab with settings of its own: .url and .token."""
    home = tmp_path_factory.mktemp("lab")
    course = home / "course"
    for name in ("notebooks", "img"):
        shutil.copytree(ROOT / name, course / name, ignore=shutil.ignore_patterns(".ipynb_*"))
    shutil.copy(ROOT / "optimizers.py", course)
    port, token = free_port(), secrets.token_hex()
    private = ["JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"]
    log = home / "log.txt"
    with open(log, "w", encoding="utf-8") as output:
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
                *("--ip=127.0.0.1", f"--port={port}", f"--IdentityProvider.token={token}"),
                *("--expose-app-in-browser", "--LabApp.news_url="),
                f"--ServerApp.root_dir={course}",
            ],
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
            pytest.fail("JupyterLab did not answer:\n" + log.read_text(encoding="utf-8"))
        yield SimpleNamespace(url=url, token=token)
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture
def page(browser, lab):
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


@pytest.mark.parametrize("name", [path.name for path in NOTEBOOKS])
def test_runs_to_the_end(page, name):
    open_notebook(page, name)
    stored = outputs(page)
    shown = run_all(page)
    for before, after in zip(stored, shown, strict=True):
        assert not [output for output in after if output["output_type"] == "error"]
        assert not [output for output in after if output.get("name") == "stderr"]
        assert len(before) == len(after), json.dumps(after)[:500]
