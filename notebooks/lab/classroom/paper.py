"""Lessons on paper, without a network: HTML with its formulas drawn, for a browser to print.

    paper(OUT, ["01"], solutions="none")

Jupyter's own export fetches MathJax from the network each time it is opened, and shows raw LaTeX
where there is none.
"""

import json
import re
from base64 import b64decode, b64encode
from pathlib import Path

from .course import FILM, ROOT, pages, read
from .formulas import block, drawing
from .handout import without_answers
from .pieces import picture

CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)
PRINT = """<style>
.formula { display: flex; flex-wrap: wrap; gap: .3em 2em; justify-content: center; margin: .6em 0;
  font-size: 1.1em } .boxed { border: 1px solid; padding: .4em .8em; width: fit-content;
  margin-inline: auto } .jp-RenderedHTMLCommon svg { fill: currentColor; display: inline }
@media print { .jp-Cell { break-inside: avoid } }
</style>
"""


def paper(out, numbers=(), solutions="folded"):
    """Write NAME.html for each lesson and deeper page to a folder. Returns their paths.

    solutions: "none" leaves solutions and answers out; folded ones are not printed either.
    """
    out, made = Path(out), []
    for path in pages(numbers):
        target = out / path.relative_to(ROOT / "notebooks").with_suffix(".html")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(as_html(path, solutions), encoding="utf-8")
        made.append(target)
    return made


def as_html(path, solutions="folded"):
    """Return a notebook as one HTML page that asks nothing of the network."""
    import nbformat
    from nbconvert import HTMLExporter

    notebook = read(path)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            text = without_answers(cell["source"]) if solutions == "none" else cell["source"]
            cell["source"] = drawn(FILM.sub(lambda m: image(path, m), text))
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/png" in data:
                data["image/png"] = b64encode(still(b64decode("".join(data["image/png"])))).decode()
    notebook["cells"][0]["source"] += f"\n\n{PRINT}"
    exporter = HTMLExporter()
    exporter.mathjax_url = exporter.require_js_url = exporter.jquery_url = ""
    text, _ = exporter.from_notebook_node(
        nbformat.reads(json.dumps(notebook), as_version=4),
        {"metadata": {"name": path.stem}},
    )
    return re.sub(r"<script[^>]*\bsrc=\"[^\"]*\"[^>]*>\s*</script>", "", text)


def image(path, found):
    """An image of a page as part of the page: nbconvert's own way breaks drawings in a line."""
    return picture(still((path.parent / found[1]).read_bytes()), found[2])


def still(png):
    """A film as its finished picture: an animated PNG without the chunks of its frames."""
    kept, at = png[:8], 8
    while at < len(png):
        end = at + 12 + int.from_bytes(png[at : at + 4], "big")
        if png[at + 4 : at + 8] not in (b"acTL", b"fcTL", b"fdAT"):
            kept += png[at:end]
        at = end
    return kept


def drawn(text):
    """A text of Markdown with its formulas as drawings."""
    parts = CODE.split(text)
    for k in range(0, len(parts), 2):
        part = re.sub(r"\$\$(.*?)\$\$", lambda m: block(m[1]), parts[k], flags=re.DOTALL)
        parts[k] = re.sub(r"\$([^$]+)\$", lambda m: drawing(m[1]), part)
    return "".join(parts)
