"""Run a notebook's cells with one text changed; print [how often it stood there, what was raised].

python play_lessons.py NOTEBOOK OLD NEW
"""

import ast
import json
import sys
from pathlib import Path

path, old, new = sys.argv[1:]
sys.path[0] = ""  # a notebook finds lab in its own folder, not beside this script
cells = json.loads(Path(path).read_text(encoding="utf-8"))["cells"]
sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
room, errors = {"__name__": "__main__"}, []
for source in (source.replace(old, new) for source in sources):
    body = ast.parse(source).body
    try:
        for k, node in enumerate(body):  # the value of a cell is shown, as Jupyter does it
            if k == len(body) - 1 and isinstance(node, ast.Expr):
                value = eval(compile(ast.Expression(node.value), "cell", "eval"), room)
                getattr(value, "_repr_mimebundle_", lambda: None)()
            else:
                exec(compile(ast.Module([node], []), "cell", "exec"), room)
    except Exception as error:
        errors.append([source, type(error).__name__, str(error)])
print()
print(json.dumps([sum(source.count(old) for source in sources), errors]))
