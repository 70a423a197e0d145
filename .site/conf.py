"""Sphinx's settings for the site. build.py says in SITE_EXTRA what is copied as it is."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from docutils import nodes

HERE = Path(__file__).resolve().parent
KATEX = HERE / "node_modules" / "katex" / "dist"
ADDRESS = os.environ.get("SITE_ADDRESS", "")

project = "Downhill"
release = re.search(r"^version: (.*)$", (HERE.parent / "CITATION.cff").read_text("utf-8"), re.M)[1]
copyright = "2026 The Downhill authors. Code: MIT. Text and pictures: CC BY 4.0"
language = "en"
root_doc = "index"
extensions = ["myst_nb"]
templates_path = ["templates"]
exclude_patterns = ["notebooks/lab", "**.ipynb_checkpoints"]
suppress_warnings = ["mystnb.unknown_mime_type", "myst.header"]  # a README may begin at any level

nb_execution_mode = "off"  # build.py runs what has to be run
nb_merge_streams = True
nb_number_source_lines = False
nb_code_prompt_show = "Show what came out"
nb_code_prompt_hide = "Hide it"
myst_enable_extensions = ["dollarmath", "amsmath", "html_image"]
myst_heading_anchors = 3
myst_url_schemes = ["http", "https", "mailto"]

html_theme = "sphinx_book_theme"
html_title = "Downhill"
html_short_title = "Downhill"
html_extra_path = [os.environ["SITE_EXTRA"]] if "SITE_EXTRA" in os.environ else []
html_static_path = ["static"]
html_css_files = ["katex/katex.min.css", "site.css"]
html_js_files = [("site.js", {"defer": "defer"})]
html_copy_source = False
html_scaled_image_link = False  # a film has a button of its own
html_show_sphinx = False
html_last_updated_fmt = None
html_favicon = "static/favicon.svg"
html_context = {"default_mode": "auto"}
html_theme_options = {
    "navbar_start": [],
    "navbar_center": [],
    "navbar_end": [],
    "navbar_persistent": [],
    "use_download_button": False,  # the doors have it, with the notebook as it is
    "use_fullscreen_button": False,
    "home_page_in_toc": True,
    "show_toc_level": 2,
    "logo": {"text": "Downhill"},
    "show_prev_next": True,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
if ADDRESS:
    html_theme_options |= {"repository_url": ADDRESS, "use_repository_button": True}


# Formulas are set here, by KaTeX, so that pages need no script for them. One that KaTeX does not
# know ends the build.


def set_formulas(app, env):
    found = set()
    for name in env.found_docs:
        for node in env.get_doctree(name).findall(lambda n: isinstance(n, MATH)):
            found.add((node.astext(), isinstance(node, nodes.math_block)))
    found = sorted(found)
    command = ["node", str(HERE / "formulas.mjs")]
    run = subprocess.run(
        command, input=json.dumps(found), capture_output=True, text=True, encoding="utf-8"
    )
    if run.returncode:
        raise SystemExit(run.stderr)
    app.formulas = dict(zip(found, json.loads(run.stdout)))


MATH = nodes.math, nodes.math_block


def visit_math(writer, node):
    writer.body.append(writer.builder.app.formulas[node.astext(), False])
    raise nodes.SkipNode


def visit_math_block(writer, node):
    html = writer.builder.app.formulas[node.astext(), True]
    writer.body.append(f'<div class="formula" tabindex="0">{html}</div>')
    raise nodes.SkipNode


def copy_katex(app, error):
    """Its style and fonts, those that browsers of today load."""
    if error or app.builder.format != "html":
        return
    target = Path(app.outdir) / "_static" / "katex"
    (target / "fonts").mkdir(parents=True, exist_ok=True)
    shutil.copy(KATEX / "katex.min.css", target)
    for font in KATEX.glob("fonts/*.woff2"):
        shutil.copy(font, target / "fonts")


def name_what_folds(app, page, template, context, doctree):
    """Let what can be read on a fold be its name for a screen reader too."""
    context["body"] = context.get("body", "").replace(' aria-label="Toggle hidden content"', "")


def setup(app):
    app.connect("html-page-context", name_what_folds)
    app.add_html_math_renderer("katex", (visit_math, None), (visit_math_block, None))
    app.connect("env-updated", set_formulas)
    app.connect("build-finished", copy_katex)


html_math_renderer = "katex"
