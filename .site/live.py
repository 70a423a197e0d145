"""Run a notebook, and keep of its live pictures what a page needs to show them without a kernel.

A picture becomes two files: its script, which all pictures of its kind share, and its state. Both
are plain scripts that hand themselves to static/site.js, so that they load from a folder as well.
"""

import json
import re
from hashlib import sha256

import nbformat
from nbclient import NotebookClient

BEGINS = "Live ", "Fault injector."  # what live pictures say of themselves where they are still
STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"


def is_live(path):
    return bool(live_cells(nbformat.read(path, as_version=4)))


def live_cells(notebook):
    """Return the numbers of the cells whose stored output is the still of a live picture."""
    return [
        k
        for k, cell in enumerate(notebook.cells)
        for output in cell.get("outputs", [])
        if "".join(output.get("data", {}).get("text/plain", "")).startswith(BEGINS)
    ]


def record(course, path, extra):
    """Run a notebook up to its last live picture; return {id of a cell: name of its picture}."""
    notebook = nbformat.read(course / path, as_version=4)
    wanted = [notebook.cells[k].id for k in live_cells(notebook)]
    del notebook.cells[max(live_cells(notebook)) + 1 :]
    folder = (course / path).parent
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
    models = notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    found = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            model = models.get(output.get("data", {}).get(VIEW, {}).get("model_id"))
            if model and model["model_module"] == "anywidget":
                found[cell.id] = write(model, path.stem, extra / "live")
    if missing := [cell for cell in wanted if cell not in found]:
        raise SystemExit(f"{path}: no live picture came out of {', '.join(missing)}")
    return found


def write(model, stem, folder):
    """Write a picture's state, its script and its style; return the name of the state.

    Pictures that are alike, as two that a lesson opens, share a state; those of a kind a script.
    """
    folder.mkdir(exist_ok=True)
    own = {"scene", "settings", "opening", "request", "reply", "error"} & {*model["state"]}
    state = {key: model["state"][key] for key in sorted(own)}
    script, style = model["state"]["_esm"], model["state"]["_css"]
    kind = f"picture-{short_hash(script)}"
    body, exported = re.subn(r"^export default", "return", script, flags=re.MULTILINE)
    if exported != 1:
        raise SystemExit(f"{stem}: its script must have one `export default`")
    put(folder / f"{kind}.js", f'downhill.kinds["{kind}"] = () => {{\n{body}}};\n')
    put(folder / "live.css", style)
    stored = {
        "kind": kind,
        "state": state,
        "bytes": {buffer["path"][0]: buffer["data"] for buffer in model.get("buffers", [])},
    }
    text = json.dumps(stored, separators=(",", ":"))
    name = f"{stem}.{short_hash(text)}"
    put(folder / f"{name}.js", f"downhill.pictures[{json.dumps(name)}] = {text};\n")
    return name


def short_hash(text):
    return sha256(text.encode()).hexdigest()[:12]


def put(path, text):
    path.write_text(text, encoding="utf-8", newline="\n")
