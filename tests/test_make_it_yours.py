"""CONTRIBUTING's page on rules, landscapes, races and exercises of one's own, taken literally."""

import os
import re
import subprocess
import sys

from course_files import ROOT, section, table

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
YOURS = section(TEXT, "Make it yours")
BLOCKS = re.findall(r"^```python\n(.*?)^```", YOURS, flags=re.DOTALL | re.MULTILINE)
SHOWN = """
assert run.path.shape == (61, 2) and hills.name == "hills" and len(hills.minima) >= 2
assert "Signs" in str(fair) and "Momentum" in str(fair)
verdicts = [
    check("tuesday.1", 0.25),
    check("tuesday.2", lambda curvature, lr: 1 - lr * curvature),
    check("tuesday.3", "SGD"),
]
assert [verdict.state for verdict in verdicts] == ["right"] * 3, verdicts
wrong = [check("tuesday.1", 0.5), check("tuesday.2", lambda a, b: 1), check("tuesday.3", "Adam")]
assert [verdict.state for verdict in wrong] == ["wrong"] * 3, wrong
assert "not yet the curvature" in str(wrong[0])
"""
# Each makes what the table of errors names, in its order.
MISTAKES = """
def no_return():
    class NoReturn(Optimizer):
        lr: float = 0.01

        def step(self, g):
            -self.lr * g

    descend(NoReturn(), bowl)


def no_annotation():
    class NoAnnotation(Optimizer):
        lr = 0.1

        def step(self, g):
            return -self.lr * g


def no_memory():
    class NoMemory(Optimizer):
        lr: float = 0.1

        def step(self, g, v):
            return v


mistakes = [
    lambda: descend(Signs, bowl),
    no_return,
    no_annotation,
    no_memory,
    lambda: landscape_of(lambda x, y: x * x + y * y, gradient=lambda x, y: (x, 2 * y)),
    lambda: race(Signs, bowl, steps=30),
    lambda: value("tuesday.4", "three", hint="a", more="b"),
    lambda: print(check("tuesday.9", 1)),
]
for mistake in mistakes:
    try:
        mistake()
    except Exception as error:
        print(str(error).replace("\\n", "|"))
"""


def test_the_page_taken_literally():
    """In a process of its own: its rules would be among those that other tests find."""
    code = "\n".join([*BLOCKS, SHOWN, "print('now the mistakes')", MISTAKES])
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            code.replace('sys.path.insert(0, "..")', "sys.path.insert(0, '..')"),
        ],
        cwd=ROOT / "notebooks",
        env=os.environ | {"PYTHONUTF8": "1", "MPLBACKEND": "agg"},
        capture_output=True,
        encoding="utf-8",
    )
    assert run.returncode == 0, run.stderr[-3000:]
    said = run.stdout.partition("now the mistakes\n")[2].splitlines()
    expected = [row[1] for row in table(f"\n{YOURS}", "you write")]
    assert len(said) == len(expected) == 8
    for sentence, words in zip(said, expected):
        assert words in sentence and len(sentence) < 200, (sentence, words)


def test_a_rule_is_six_lines():
    rule = BLOCKS[1].partition("\n\n\nrun")[0]
    assert len([line for line in rule.splitlines() if line.strip()]) <= 6
