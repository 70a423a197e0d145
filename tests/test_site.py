"""The course as a site: built once, opened in a browser that reaches nothing but this machine.

Built are all pages, and the live pictures of three lessons and of one deeper page. What they
compute there they compute everywhere: see test_program.py.
"""

import functools
import http.server
import json
import re
import shutil
import subprocess
import sys
import sysconfig
import threading
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from shutil import which
from urllib.parse import urlsplit

import pytest
from course_files import NOTEBOOKS, ROOT

SITE = ROOT / ".site"
PAGES = ["01_gradient_descent", "04_momentum", "09_adam", "deeper/09_bounds_and_edges"]
NEEDED = ["sphinx", "myst_nb", "sphinx_book_theme"]
each_page = pytest.mark.parametrize("name", PAGES)


@pytest.fixture(scope="module")
def packages():
    """What the site takes from npm."""
    npm = which("npm")
    if not npm or not which("node"):
        pytest.skip("the site needs Node and npm, which are not installed")
    if missing := [name for name in NEEDED if not find_spec(name)]:
        pytest.skip(f"the site needs {', '.join(missing)}: see .site/requirements.txt")
    modules = SITE / "node_modules"
    if not all((modules / name).is_dir() for name in ("katex", "axe-core", "pyodide")):
        command = [npm, "ci", "--prefix", str(SITE), "--no-audit", "--no-fund", "--silent"]
        if subprocess.run(command).returncode:
            pytest.skip("the site needs packages from npm, which does not answer")
    return modules


@pytest.fixture(scope="module")
def builder(tmp_path_factory):
    """(A Python that builds the site, whether it has JupyterLite.)

    It has an environment of its own, since JupyterLab would load a part of JupyterLite, in vain.
    """
    home = tmp_path_factory.mktemp("builder")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    python = home / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    where = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
    packages = subprocess.check_output([python, "-c", where], text=True).strip()
    ours = {sysconfig.get_paths()[name] for name in ("purelib", "platlib")}
    (Path(packages) / "ours.pth").write_text("\n".join(sorted(ours)), encoding="utf-8")
    wanted = (SITE / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = [line for line in wanted if line.startswith("jupyterlite")]
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q", *wanted]
    lite = len(wanted) == 2 and not subprocess.run(command).returncode
    for name in ("@jupyter-widgets", "anywidget"):
        extension = Path("share/jupyter/labextensions") / name
        shutil.copytree(Path(sys.prefix) / extension, home / extension)
    return python, lite


@pytest.fixture(scope="module")
def site(packages, builder, tmp_path_factory):
    """The folder of the built site."""
    python, lite = builder
    out = tmp_path_factory.mktemp("site") / "out"
    command = [str(python), str(SITE / "build.py"), str(out), "--only", "01,04,09"]
    command += [] if lite else ["--no-lite"]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert run.returncode == 0, run.stdout + run.stderr
    return out


@pytest.fixture(scope="module")
def jupyterlite(site):
    if not (site / "lite").exists():
        pytest.skip("JupyterLite cannot be installed: PyPI does not answer")
    return site / "lite"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def address(site):
    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def reader(browser, url, icons=True, **settings):
    """An open page. What is wrong on the console, or asks another host, fails.

    icons: False for a page from a folder, where an older theme may not load its icons.
    """
    context = browser.new_context(**{"viewport": {"width": 1200, "height": 900}, **settings})
    complaints = []

    def asked(request):
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https") and parts.hostname != "127.0.0.1":
            complaints.append(f"request to {request.url}")

    def said(message):
        lacks = "fontawesome" in message.text or message.text.endswith("net::ERR_FAILED")
        if message.type in ("error", "warning") and (icons or not lacks):
            complaints.append(f"console: {message.text}")

    page = context.new_page()
    page.on("request", asked)
    page.on("console", said)
    page.on("pageerror", lambda error: complaints.append(f"exception: {error}"))
    page.goto(url)
    try:
        yield page
        assert not complaints
    finally:
        context.close()


def come_alive(page):
    """Scroll to each live picture in turn, and return them all."""
    places = page.locator(".live-picture").all()
    for place in places:
        place.scroll_into_view_if_needed()
        place.locator(".downhill .readout, .downhill .board").first.wait_for()
    return places


def drawn(place):
    """What can be seen of a picture: all that it draws."""
    shapes = "[points], path, circle, g[transform], ellipse"
    return place.locator(".downhill svg").evaluate_all(
        f"""svgs => svgs.flatMap(svg => [...svg.querySelectorAll("{shapes}")]).map(node =>
            ["points", "d", "transform", "cx", "cy"].map(name => node.getAttribute(name)).join())
            .join()"""
    )


def slide(slider, to):
    slider.evaluate(
        """(node, to) => {
            node.value = node[to];
            node.dispatchEvent(new Event("input", { bubbles: true }));
            node.dispatchEvent(new Event("change", { bubbles: true }));
        }""",
        to,
    )


# The pages


def test_front_page(browser, address):
    with reader(browser, f"{address}/") as page:
        assert page.title().startswith("Downhill")
        film = page.locator(".bd-article img").first
        assert film.evaluate("image => image.complete && image.naturalWidth > 400")
        lessons = page.locator(".bd-sidebar-primary .toctree-l1 a").all_inner_texts()
        titles = [path.name.partition("_")[0] for path in NOTEBOOKS]
        found = [re.match(r"\d\d[a-z]?", text) for text in lessons]
        assert [match[0] for match in found if match] == titles
        assert page.locator(".doors a").count() >= 3


def test_search(browser, address):
    with reader(browser, f"{address}/search.html?q=bias+correction") as page:
        results = page.locator("#search-results li")
        results.first.wait_for()
        page.wait_for_function("document.querySelectorAll('#search-results li').length >= 3")
        assert any("09 Adam" in text for text in results.all_inner_texts())


@each_page
def test_live_pictures(browser, address, name):
    """Every slider, from one end to the other and all of them at once; start, play, Reset."""
    with reader(browser, f"{address}/notebooks/{name}.html") as page:
        places = come_alive(page)
        assert places
        for place in places:
            picture = place.locator(".downhill")
            opening = drawn(place), picture.locator(".readout").inner_text()
            for slider in picture.locator(".knob input[type=range]:visible").all():
                seen = set()
                for end in ("min", "max"):
                    slide(slider, end)
                    seen.add(drawn(place) + picture.locator(".readout").inner_text())
                    text = picture.inner_text()
                    assert not re.search(r"NaN|undefined|null|Infinity", text), text
                    assert not picture.locator(".notice").inner_text()
                assert len(seen) == 2, slider.get_attribute("data-name")
            for radio in picture.locator("input[type=radio]").all():
                radio.check()
                assert not picture.locator(".notice").inner_text()
            if picture.locator(".start").count():
                before = drawn(place)
                picture.locator(".start").press("ArrowRight")
                page.wait_for_timeout(50)
                assert drawn(place) != before and not picture.locator(".asked").count()
            reset = picture.get_by_role("button", name="Reset")
            reset.click()
            assert (drawn(place), picture.locator(".readout").inner_text()) == opening


def test_play_by_keyboard_alone(browser, address):
    with reader(browser, f"{address}/notebooks/04_momentum.html") as page:
        place = come_alive(page)[0]
        picture = place.locator(".downhill")
        picture.get_by_role("button", name="Play", exact=True).focus()
        page.keyboard.press("Enter")
        page.wait_for_function(
            """() => /step ([1-9]|1\\d) of/.test(document.querySelector(".counter").textContent)"""
        )
        page.keyboard.press("Enter")
        before = drawn(place)
        for _ in range(3):  # one step back, one on, and then the scrubber
            page.keyboard.press("Tab")
        page.keyboard.press("ArrowRight")
        assert drawn(place) != before


def test_a_refused_number(browser, address):
    """What the rules of optimizers.py refuse is refused here in the same words."""
    with reader(browser, f"{address}/notebooks/01_gradient_descent.html") as page:
        picture = come_alive(page)[0].locator(".downhill")
        number = picture.locator(".knob input[type=text]").first
        number.fill("-1")
        number.press("Enter")
        told = picture.locator(".notice")
        assert told.inner_text() == "SGD: lr must be finite and not negative, got -1"
        number.fill("0.123")
        number.press("Enter")
        assert "lr 0.123" in picture.locator(".readout").inner_text()


def test_from_a_folder(browser, site):
    """Without a server: a copy on a stick."""
    url = (site / "notebooks" / "04_momentum.html").as_uri()
    with reader(browser, url, icons=False) as page:
        place = come_alive(page)[0]
        before = drawn(place)
        slide(place.locator(".knob input[type=range]").first, "min")
        assert drawn(place) != before


WIDE = [("14_dialects", "light"), ("for_teachers", "light")]  # tables, and long words of code


@pytest.mark.parametrize("name, scheme", [*product(PAGES, ["light", "dark"]), *WIDE])
def test_on_a_phone(browser, address, packages, name, scheme):
    """360 pixels wide, in both schemes: nothing sticks out, and axe finds nothing serious."""
    settings = {"viewport": {"width": 360, "height": 740}, "color_scheme": scheme}
    with reader(browser, f"{address}/notebooks/{name}.html", **settings) as page:
        come_alive(page)
        assert page.locator("html").get_attribute("data-theme") == scheme
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        assert not serious(page, packages)


@pytest.mark.parametrize("name", ["index", "search", "CONTRIBUTING", "notebooks/15_back_matter"])
def test_other_pages_are_accessible(browser, address, packages, name):
    with reader(browser, f"{address}/{name}.html") as page:
        assert not serious(page, packages)


def serious(page, packages):
    """What axe-core finds that is serious or critical: [(rule, where), …]."""
    page.add_script_tag(path=packages / "axe-core" / "axe.min.js")
    found = page.evaluate("axe.run().then(({ violations }) => violations)")
    return [
        (rule["id"], [node["target"] for node in rule["nodes"]][:3])
        for rule in found
        if rule["impact"] in ("serious", "critical")
    ]


def test_what_answers_a_guess_is_folded(browser, address):
    with reader(browser, f"{address}/notebooks/04_momentum.html") as page:
        folded = page.locator("details.hide")
        assert folded.count() >= 3
        first = folded.first
        output = first.locator(".output, img").first
        assert not output.is_visible()
        first.locator("summary").click()
        assert output.is_visible()
        answers = page.get_by_text("Answers", exact=True).first
        assert not page.get_by_text("Somewhere near 0.8.").is_visible()
        answers.click()
        assert page.get_by_text("Somewhere near 0.8.").is_visible()


def test_films_can_be_stopped(browser, address):
    url = f"{address}/notebooks/04_momentum.html"
    with reader(browser, url) as page:
        frame = page.locator(".film-frame").first
        assert frame.locator("img").is_visible()
        frame.get_by_role("button", name="Stop the film").click()
        assert not frame.locator("img").is_visible() and frame.locator("canvas").is_visible()
    with reader(browser, url, reduced_motion="reduce") as page:
        page.get_by_role("button", name="Play the film").first.wait_for()


# The files


def test_pictures_have_alternative_texts(site):
    for path in site.glob("notebooks/**/*.html"):
        for image in re.findall(r"<img [^>]*>", path.read_text(encoding="utf-8")):
            alt = re.search(r'alt="([^"]*)"', image)
            assert alt and len(alt[1]) >= 20, f"{path.name}: {image}"


def test_links_within_the_site(site):
    """Every link of every page to a file of the site leads somewhere."""
    for path in [*site.glob("*.html"), *site.glob("notebooks/**/*.html")]:
        text = path.read_text(encoding="utf-8")
        for link in re.findall(r'(?:href|src)="([^"#?]+)', text):
            if not re.match(r"[a-z]+:", link):
                assert (path.parent / link).resolve().exists(), f"{path.name}: {link}"
        assert not re.search(r'(?:src|<link [^>]*href)="https?:', text), path.name


def test_sizes(site):
    """A page with all that it loads is at most 3 MB, scripts of the whole site 12 MB."""
    scripts = [*site.glob("_static/**/*.js"), *site.glob("live/*.js"), *site.glob("*.js")]
    assert sum(path.stat().st_size for path in scripts) < 12e6
    for path in site.glob("notebooks/**/*.html"):
        text = path.read_text(encoding="utf-8")
        own = {*re.findall(r'src="([^"?]*\.png)', text)}
        names = {*re.findall(r'data-picture="([^"]+)"', text)}
        own |= {f"{'../' * (len(path.relative_to(site).parts) - 1)}live/{n}.js" for n in names}
        size = len(text) + sum((path.parent / name).stat().st_size for name in own)
        assert size < 3e6, f"{path.name}: {size / 1e6:.1f} MB"


@pytest.mark.parametrize(
    "text, reason",
    [
        ("[there](missing.ipynb)", "missing.ipynb"),
        ("[there](#no-such-heading)", "no-such-heading"),
        ("$\\nocommand{1}$", "nocommand"),
    ],
)
def test_what_is_broken_fails(packages, tmp_path, text, reason):
    (tmp_path / "index.md").write_text(f"# A page\n\n{text}\n", encoding="utf-8")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-c", str(SITE), str(tmp_path)]
    run = subprocess.run(
        [*command, str(tmp_path / "out")], capture_output=True, text=True, encoding="utf-8"
    )
    assert run.returncode and reason in run.stderr


# JupyterLite


def test_jupyterlite(browser, address, jupyterlite):
    """It opens a lesson as it is stored, says what it will load, and asks nobody but Pyodide."""
    outside = set()
    context = browser.new_context()
    context.route("https://**", lambda route: (outside.add(route.request.url), route.abort()))
    page = context.new_page()
    try:
        page.goto(f"{address}/lite/lab/index.html?path=notebooks/04_momentum.ipynb")
        page.locator(".jp-Notebook .jp-RenderedImage img").first.wait_for(timeout=60_000)
        notebook = page.locator(".jp-Notebook")
        assert notebook.locator("h1").first.inner_text().startswith("04 Momentum")
        assert notebook.get_by_text("This is JupyterLite").count() == 1
    finally:
        context.close()
    pyodide = re.compile(r"https://cdn\.jsdelivr\.net/pyodide/v([\d.]+)/full/")
    assert {url for url in outside if not pyodide.match(url)} == set()


def test_jupyterlite_has_the_course(jupyterlite):
    files = jupyterlite / "files"
    for name in ("optimizers.py", "notebooks/lab/live/stage.js", "notebooks/lab/data/digits.npz"):
        assert (files / name).read_bytes() == (ROOT / name).read_bytes()
    assert {*files.rglob("[0-9]*.ipynb")} == {files / path.relative_to(ROOT) for path in NOTEBOOKS}


def test_packages_in_a_real_pyodide(jupyterlite, packages):
    """The widgets of JupyterLite, in Pyodide of the same version as it will load, but no NumPy."""
    manifest = json.loads((packages / "pyodide" / "package.json").read_text(encoding="utf-8"))
    note = (jupyterlite / "files/notebooks/04_momentum.ipynb").read_text(encoding="utf-8")
    assert f"loads Pyodide {manifest['version']}," in note
    code = """
import sys
sys.path[:0] = ["/course/notebooks", "/course"]
import lab
sys.path.append("/packages")  # traitlets and IPython, which JupyterLite brings itself
import anywidget
import traitlets
assert anywidget.__file__.startswith("/course/notebooks/lab/browser.zip/"), anywidget.__file__

class Knob(anywidget.AnyWidget):
    _esm = "export default { render() {} }"
    value = traitlets.Int().tag(sync=True)

assert Knob(value=3).value == 3
print("alive")
"""
    command = ["node", str(SITE / "pyodide.mjs"), str(jupyterlite / "files")]
    command.append(sysconfig.get_paths()["purelib"])
    run = subprocess.run(command, input=code, capture_output=True, text=True, encoding="utf-8")
    assert run.returncode == 0 and run.stdout.endswith("alive\n"), run.stdout + run.stderr
