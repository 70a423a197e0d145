"""Playing is safe: another number in a lesson turns nothing red but claims, which say it in words.

play_lessons.py changes one number, runs all cells, and tells which ones raised what.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from course_files import LESSONS, ROOT, page
from test_lessons import REFERENCE

PLAYS = [  # lesson, a text in its code, and another in its place wherever it stands
    ("00", "SGD(lr=0.95)", "SGD(lr=0.7)"),
    ("01", "lr=0.95", "lr=0.8"),
    ("02", "lr=0.2", "lr=0.4"),
    ("03", "lr=0.6", "lr=0.4"),
    ("04", "SGD(lr=0.95)", "SGD(lr=0.7)"),
    ("04", "start=3.3", "start=2.1"),
    ("05", "lr=0.1", "lr=0.12"),
    ("06", "lr=1.5", "lr=0.8"),
    ("07", "lr=0.3)", "lr=0.2)"),
    ("08", "eps=1e-4", "eps=1e-3"),
    ("09", "Adam(lr=0.3)", "Adam(lr=0.5)"),
    ("10", "lr=0.3)", "lr=0.5)"),
    ("10b", "Muon(lr=0.02)", "Muon(lr=0.03)"),
    ("10c", "weight_decay=0.1", "weight_decay=0.2"),
    ("11", "constant(0.6)", "constant(0.5)"),
    ("12", "SGD(lr=0.95)", "SGD(lr=0.5)"),
    ("12", "bowl, 30", "bowl, 20"),
    ("13", "Adam(lr=0.3)", "Adam(lr=0.05)"),
    ("13", "lr=0.07", "lr=0.02"),
    ("14", "lr=0.3)", "lr=0.5)"),
]


@pytest.mark.parametrize("lesson, old, new", PLAYS)
def test_only_claims_turn_red(lesson, old, new):
    script = Path(__file__).with_name("play_lessons.py")
    done = subprocess.run(
        [sys.executable, script, page(lesson), old, new],
        cwd=ROOT / "notebooks",
        env={**os.environ, "PYTHONUTF8": "1", "MPLBACKEND": "agg"},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr[-3000:]
    changed, errors = json.loads(done.stdout.splitlines()[-1])
    assert changed, f"{old} no longer stands in lesson {lesson}"
    for source, kind, words in errors:
        assert kind == "AssertionError" and "If you changed a setting above" in words, (
            f"{kind}: {words}\n{source}"
        )


def test_every_lesson_is_played_with():
    lessons = {path.stem.partition("_")[0] for path in LESSONS} - REFERENCE
    assert lessons == {lesson for lesson, *_ in PLAYS}
