"""Every test can `import optimizers` and `from lab.landscapes import bowl`, wherever it is run."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "notebooks")]

# Two tests run at a time. A thread of BLAS for each is enough: more would wait for one another.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# The same examples in every run, and no clock: a slow machine must not turn a test red.
settings.register_profile("course", deadline=None, derandomize=True, database=None)
settings.load_profile("course")


def pytest_configure(config):
    config.option.loadscopereorder = False  # files start in the order given below


def pytest_collection_modifyitems(items):
    """The browser tests first: they take longest, and the two workers are to end together."""
    first = ["test_browser.py", "test_site.py", "test_drawn.py", "test_program.py"]
    items.sort(key=lambda item: (*first, item.path.name).index(item.path.name))


@pytest.fixture(scope="module")
def browser():
    """A browser for the tests of one file; who asks for it is skipped where there is none."""
    from jupyter_browser import chromium

    name = "playwright.sync_api"
    opened = chromium(pytest.importorskip(name, reason="playwright is not installed"))
    try:
        browser = opened.__enter__()
    except OSError as problem:
        pytest.skip(str(problem))
    yield browser
    opened.__exit__(None, None, None)


@pytest.fixture
def kept(monkeypatch):
    """The figure behind the next picture or film, for tests that read its artists."""
    from seen import Kept

    return Kept(monkeypatch)
