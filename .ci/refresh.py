"""Run notebooks from top to bottom in place, and keep what a reader of the stored file needs.

    python .ci/refresh.py                                   # all of them, and the pictures in img/
    python .ci/refresh.py notebooks/01_gradient_descent.ipynb

Stored are outputs and nothing that changes from run to run: no execution times, no widget state and
no widget views (a stored stage shows its still picture), no kernel but `python3`. nbval compares
what is stored with a fresh run. What answers a guess is stored with its output hidden, until the
reader opens it; the film of a lesson, from its cell tagged `film`, goes to img/ for its first cell.
"""

import re
import sys
from base64 import b64decode
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
VIEW = "application/vnd.jupyter.widget-view+json"
HIDDEN = "hide-output"  # the site's word for it; Jupyter's is outputs_hidden
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def execute(notebook, folder):
    """Run a notebook in a folder, or raise CellExecutionError; strip what changes between runs."""
    NotebookClient(
        notebook,
        timeout=120,
        coalesce_streams=True,  # how print arrives in pieces changes from run to run
        resources={"metadata": {"path": str(folder)}},
    ).execute()
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(VIEW, None)
    return notebook


def hide_answers(notebook):
    """Hide the outputs of the code cells between a guess and the cell that compares it."""
    waiting = set()
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        calls = re.findall(r"^(guess|compare)\(\s*\"([^\"]+)\"", cell.source, flags=re.MULTILINE)
        tags = [tag for tag in cell.metadata.pop("tags", []) if tag != HIDDEN]
        cell.metadata.pop("jupyter", None)
        if waiting:
            cell.metadata["jupyter"] = {"outputs_hidden": True}
            tags.append(HIDDEN)
        if tags:
            cell.metadata["tags"] = tags
        waiting |= {key for call, key in calls if call == "guess"}
        waiting -= {key for call, key in calls if call == "compare"}
    if waiting:
        raise ValueError(f"guesses that are never compared: {', '.join(sorted(waiting))}")


def keep_film(notebook, name):
    """Store the film of a lesson as img/NAME.png."""
    for cell in notebook.cells:
        if "film" in cell.metadata.get("tags", []):
            png = cell.outputs[-1].data["image/png"]
            (ROOT / "img" / f"{name}.png").write_bytes(b64decode(png))


def refresh(path):
    """Execute one notebook file in place."""
    notebook = execute(nbformat.read(path, as_version=4), path.parent)
    hide_answers(notebook)
    keep_film(notebook, path.stem)
    nbformat.write(notebook, path)
    print(f"{path.name}: {len(notebook.cells)} cells, {path.stat().st_size / 1000:.0f} kB")


def pictures():
    """Draw the pictures of img/ again."""
    sys.path[:0] = [str(ROOT), str(ROOT / "notebooks")]
    from lab import animate, bowl, descend

    from optimizers import SGD, AdaGrad, Adam, Momentum

    famous = [SGD(lr=0.95), Momentum(lr=0.1), AdaGrad(lr=1.5), Adam(lr=0.3)]
    animate(*[descend(rule, bowl, steps=30) for rule in famous]).save(ROOT / "img" / "race.png")


if __name__ == "__main__":
    for name in sys.argv[1:] or sorted((ROOT / "notebooks").glob("**/[0-9]*.ipynb")):
        refresh(Path(name).resolve())
    if not sys.argv[1:]:
        pictures()
