"""What an answer needs of a notebook: the few statements that lead to it, nothing else.

A lesson takes seconds to run and most of it draws. To mark `check("01.3", answer)` only what
`answer` was made from has to run; what a student wrote elsewhere, wrong, endless or cunning, is
never run at all.
"""

import ast
import builtins
import symtable

from .course import ITEM, parsed


def find_call(cells, item):
    """Return (index of the cell, its tree, the last call that hands in this item or None).

    The tree is None where the cell is no Python. Raises LookupError if there is no such cell.
    """
    broken = None
    for k in range(len(cells) - 1, -1, -1):
        cell = cells[k]
        if cell["cell_type"] != "code":
            continue
        own = cell.get("id") in (item.cell, item.handed_out) and not _other_item(cell, item)
        try:
            tree = parsed(cell["source"])
        except SyntaxError:
            if own or (item.verb, item.number) in _spelt(cell):
                broken = k if broken is None else broken
            continue
        calls = [node for node in ast.walk(tree) if _hands_in(node, item)]
        if calls:
            return k, tree, calls[-1]
        if own and not _spelt(cell):  # the line with `check` was deleted
            return k, tree, None
    if broken is None:
        raise LookupError(f"no cell hands in {item.name}")
    return broken, None, None


def argument(call, position, name):
    """Return the expression that a call gives for a parameter, None if it gives none."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    return call.args[position] if len(call.args) > position else None


def statements(cells, k, tree, call, wanted):
    """Return [(cell number, statement)] that bind the names `wanted`, in the order of the notebook.

    cells: all cells; k, tree: the cell that hands in; call: what ends the search, or None for the
    end of that cell.
    """
    before = [(k, node) for node in tree.body if call is None or not _holds(node, call)]
    if call is not None:
        before = [(k, node) for _, node in before if node.lineno <= call.lineno]
    earlier = []
    for number, cell in enumerate(cells[:k]):
        if cell["cell_type"] == "code":
            try:
                earlier += [(number, node) for node in parsed(cell["source"]).body]
            except SyntaxError:  # it would not have run either
                continue
    late = set(wanted)  # with the names that functions look up when they are called
    while True:
        found, looked_up = _backwards(earlier + before, late)
        if looked_up <= late:
            return found
        late |= looked_up


def names_in(node):
    """The names that an expression or statement takes from elsewhere."""
    return _names(node)[0] - set(dir(builtins))


def _backwards(lines, wanted):
    """Return (the lines that matter, names that functions in them look up later)."""
    wanted, found, looked_up = set(wanted), [], set()
    modules = {
        (name.asname or name.name).split(".")[0]
        for _, node in lines
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in node.names
    }
    for number, node in reversed(lines):
        used, bound, late = _names(node)
        star = isinstance(node, ast.ImportFrom) and node.names[0].name == "*"
        if not (star or bound & wanted or (_changed(node) - modules) & wanted):
            continue
        if isinstance(node, (ast.Import, ast.ImportFrom)) and not star:
            node = _only(node, wanted)
        if isinstance(node, (ast.Assign, ast.FunctionDef, ast.ClassDef)):
            wanted -= bound
        wanted |= used
        looked_up |= late - set(dir(builtins))
        found.insert(0, (number, node))
    return found, looked_up


def _names(node):
    """Return (names used, names bound at the top, names that functions in it look up)."""
    top = symtable.symtable(ast.unparse(node), "a statement", "exec")
    bound = {s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported()}
    used = {s.get_name() for s in top.get_symbols() if s.is_referenced()}
    late, tables = set(), list(top.get_children())
    while tables:
        table = tables.pop()
        tables += table.get_children()
        late |= {s.get_name() for s in table.get_symbols() if s.is_global() and s.is_referenced()}
    return used | late, bound, late


def _changed(node):
    """The names whose things a statement may change: opt.lr = 1, found.append(2), table[3] = 4."""
    found = set()
    for part in ast.walk(node):
        targets = []
        if isinstance(part, (ast.Assign, ast.Delete)):
            targets = part.targets
        elif isinstance(part, (ast.AugAssign, ast.AnnAssign)):
            targets = [part.target]
        elif isinstance(part, ast.Call) and isinstance(node, (ast.Expr, ast.For, ast.While)):
            targets = [part.func]
        for target in targets:
            inside = target
            while isinstance(inside, (ast.Attribute, ast.Subscript)):
                inside = inside.value
            if isinstance(inside, ast.Name) and inside is not target:
                found.add(inside.id)
    return found


def _only(node, wanted):
    """An import of those names alone that are wanted: a set-up cell imports what draws, too."""
    names = [n for n in node.names if (n.asname or n.name).split(".")[0] in wanted]
    if isinstance(node, ast.Import):
        return ast.copy_location(ast.Import(names), node)
    return ast.copy_location(ast.ImportFrom(node.module, names, node.level), node)


def _hands_in(node, item):
    """Whether a node is the call check("01.1", …) or build("SGD", …) of this item."""
    if not isinstance(node, ast.Call) or getattr(node.func, "id", None) != item.verb:
        return False
    first = argument(node, 0, "number" if item.verb == "check" else "name")
    said = str(getattr(first, "value", "")).strip()
    return said == item.number or (said[1:2] == "." and f"0{said}" == item.number)


def _holds(statement, call):
    return any(node is call for node in ast.walk(statement))


def _spelt(cell):
    return ITEM.findall(cell["source"])


def _other_item(cell, item):
    """Whether a cell hands in something, but not this item."""
    spelt = _spelt(cell)
    return bool(spelt) and (item.verb, item.number) not in spelt
