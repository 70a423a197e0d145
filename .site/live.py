"""Run a notebook, and keep of its live pictures what a page needs to show them without a kernel.

A picture becomes two files: its script, which all pictures of its kind share, and its state. Both
are plain scripts that hand themselves to static/site.js, so that they load from a folder as well.
"""

import json
import re
from hashlib import sha256

import nbformat
from nbclient import NotebookClient

VERBS = re.compile(r"^(?:stage|plane|cloud|injector|roots|schedule_stage)\(", re.MULTILINE)
STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"


def is_live(path):
    return any(VERBS.search(cell.source) for cell in code(nbformat.read(path, as_version=4)))


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def record(course, path, extra):
    """Run a notebook up to its last live picture; return {id of a cell: name of its picture}."""
    notebook = nbformat.read(course / path, as_version=4)
    last = max(k for k, cell in enumerate(notebook.cells) if VERBS.search(cell.source))
    del notebook.cells[last + 1 :]
    folder = (course / path).parent
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
    models = notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    found = {}
    for cell in code(notebook):
        for output in cell.outputs:
            model = models.get(output.get("data", {}).get(VIEW, {}).get("model_id"))
            if model and model["model_module"] == "anywidget":
                found[cell.id] = f"{path.stem}.{cell.id}"
                write(model, found[cell.id], extra / "live")
    missing = [cell.id for cell in code(notebook) if VERBS.search(cell.source)]
    missing = [cell for cell in missing if cell not in found]
    if missing:
        raise SystemExit(f"{path}: no live picture came out of {', '.join(missing)}")
    return found


def write(model, name, folder):
    """Write a picture's state, and its script and style if no other picture has."""
    folder.mkdir(exist_ok=True)
    state = {key: v for key, v in model["state"].items() if not key.startswith("_")}
    script, style = model["state"]["_esm"], model["state"]["_css"]
    kind = f"picture-{sha256(script.encode()).hexdigest()[:12]}"
    body, exported = re.subn(r"^export default", "return", script, flags=re.MULTILINE)
    if exported != 1:
        raise SystemExit(f"{name}: its script must have one `export default`")
    put(folder / f"{kind}.js", f'downhill.kinds["{kind}"] = () => {{\n{body}}};\n')
    put(folder / "live.css", style)
    stored = {
        "kind": kind,
        "state": state,
        "bytes": {buffer["path"][0]: buffer["data"] for buffer in model.get("buffers", [])},
    }
    text = json.dumps(stored, separators=(",", ":"))
    put(folder / f"{name}.js", f"downhill.pictures[{json.dumps(name)}] = {text};\n")


def put(path, text):
    path.write_text(text, encoding="utf-8", newline="\n")
