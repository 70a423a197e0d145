"""An exam of twelve questions with its key, for a seed, in Markdown and as pages to print.

Three to derive, four numbers to predict, three classes with a fault, two choices. None of them is
in a notebook, and every number of the key is computed when the exam is made.
"""

from html import escape
from pathlib import Path

import numpy as np

from .faults import CHOOSE, FAULTY, fault
from .predictions import PREDICT
from .questions import DERIVE

PARTS = {
    "derive": "Derive",
    "predict": "Predict a number",
    "fault": "Find the fault",
    "choose": "Choose a rule",
}
ADVICE = """Paper, pencil and a pocket calculator. A number without the way to it earns at most \
half of its marks. η is the learning rate, λ, μ and L are curvatures, g is a gradient."""
PAPER = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
@page {{ size: A4; margin: 18mm 20mm }}
body {{ font: 11pt/1.45 Georgia, "DejaVu Serif", serif; max-width: 170mm; margin: auto }}
h1 {{ font-size: 17pt }} h2 {{ font-size: 13pt; margin-top: 1.4em }}
section {{ break-inside: avoid; margin: 0 0 1em }}
pre {{ font: 9.5pt/1.35 "DejaVu Sans Mono", monospace; border-left: 2pt solid; padding-left: 8pt }}
.room {{ height: {room}mm }} .marks {{ float: right; margin-left: 1em }}
table {{ border-collapse: collapse }} td {{ padding: 1pt 10pt 1pt 0; vertical-align: top }}
.name {{ margin: 1em 0 }}
</style></head><body>
{body}
</body></html>
"""


def exam(seed):
    """Return the twelve Questions of a seed, in the order of PARTS."""
    rng = np.random.default_rng(seed)

    def some(makers, count):
        return [makers[k] for k in sorted(rng.permutation(len(makers))[:count])]

    asked = [make(rng) for make in some(DERIVE, 3) + some(PREDICT, 4)]
    asked += [fault(rng, rule) for rule in some(FAULTY, 3)]
    asked += [make(rng) for make in some(CHOOSE, 2)]
    for question in asked:
        if not agrees(question):
            raise AssertionError(f"formula and experiment disagree in: {question.text}")
    return asked


def agrees(question):
    """Whether the number of a question's key is what the course's own rules do."""
    if np.isnan(question.predicted):
        return True
    return (
        abs(question.predicted - question.measured)
        <= question.within * abs(question.predicted) + 1e-9
    )


def write_exam(out, seed):
    """Write exam.md, exam.html, key.md and key.html to a folder. Returns the total of marks."""
    out, asked = Path(out), exam(seed)
    out.mkdir(parents=True, exist_ok=True)
    for name, is_key in (("exam", False), ("key", True)):
        title = f"Optimizers: {'key to the ' if is_key else ''}exam {seed}"
        (out / f"{name}.md").write_text(as_markdown(asked, title, is_key), encoding="utf-8")
        (out / f"{name}.html").write_text(as_paper(asked, title, is_key), encoding="utf-8")
    return sum(question.marks for question in asked)


def parts(asked):
    """Yield (heading or None, number, Question): a heading where a new part begins."""
    before = None
    for number, question in enumerate(asked, start=1):
        yield PARTS[question.kind] if question.kind != before else None, number, question
        before = question.kind


def as_markdown(asked, title, is_key):
    total = sum(question.marks for question in asked)
    lines = [f"# {title}", "", f"{ADVICE} {total} marks."]
    for heading, number, question in parts(asked):
        if heading:
            lines += ["", f"## {heading}"]
        lines += ["", f"**{number}.** {question.text} ({question.marks} marks)"]
        if question.code:
            lines += ["", "```python", question.code, "```"]
        if is_key:
            lines += ["", *[f"- {marks or 'note'}: {words}" for marks, words in question.steps]]
    return "\n".join(lines) + "\n"


def as_paper(asked, title, is_key):
    total = sum(question.marks for question in asked)
    body = [f"<h1>{escape(title)}</h1>", f"<p>{escape(ADVICE)} {total} marks.</p>"]
    if not is_key:
        body.append('<p class="name">Name: ____________________________</p>')
    for heading, number, question in parts(asked):
        body.append("<section>")
        if heading:
            body.append(f"<h2>{escape(heading)}</h2>")
        body.append(f'<p><span class="marks">{question.marks} marks</span>')
        body.append(f"<b>{number}.</b> {escape(question.text)}</p>")
        if question.code:
            body.append(f"<pre>{escape(question.code)}</pre>")
        if is_key:
            rows = [f"<tr><td>{m or ''}</td><td>{escape(w)}</td></tr>" for m, w in question.steps]
            body += ["<table>", *rows, "</table>"]
        else:
            body.append('<div class="room"></div>')
        body.append("</section>")
    return PAPER.format(title=escape(title), room=0 if is_key else 45, body="\n".join(body))
