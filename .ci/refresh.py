"""Run notebooks from top to bottom in place, and keep what a reader of the stored file needs.

    python .ci/refresh.py                                   # all of them, and the pictures in img/
    python .ci/refresh.py notebooks/01_gradient_descent.ipynb

Stored are outputs and nothing that changes from run to run: no execution times, no widget state and
no widget views (a stored stage shows its still picture), no kernel but `python3`. nbval compares
what is stored with a fresh run.
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
VIEW = "application/vnd.jupyter.widget-view+json"
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


def refresh(path):
    """Execute one notebook file in place."""
    notebook = execute(nbformat.read(path, as_version=4), path.parent)
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
    for name in sys.argv[1:] or sorted((ROOT / "notebooks").glob("*.ipynb")):
        refresh(Path(name).resolve())
    if not sys.argv[1:]:
        pictures()
