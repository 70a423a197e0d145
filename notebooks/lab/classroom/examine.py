"""Judge what one notebook hands in, in a process of its own: `python -m lab.classroom.examine`.

Read from standard input, as JSON: cells, items, seconds, salt, seed. Written to standard output, a
line of JSON each: the item that is begun, and then what was found. What a student's code prints
goes nowhere, so that it cannot speak for the judge.
"""

import ast
import json
import linecache
import os
import random
import sys
import time

from optimizers import Optimizer

from ..exercises import build, check, trial
from ..exercises.judges import CALLS
from ..exercises.verdict import Unfit, Wrong
from .course import Item
from .needed import argument, find_call, names_in, statements

MEMORY = 2 * 1024**3  # bytes, where the system can limit them
TOUCHES = {  # what no answer needs, and what could reach the judge
    "modules": {"builtins", "ctypes", "gc", "importlib", "inspect", "os", "subprocess", "sys"},
    "names": {"eval", "exec", "globals", "open", "setattr", "vars", "EXERCISES", "__import__"},
}

HARMLESS = {"__init__", "__name__", "__class__", "__doc__"}


def examine(cells, item, salt=0, seed=None):
    """Return {"state", "said", "note"} of one item in a student's cells.

    States: right, wrong, open, missing, error (no Python, or it fails), time, seed (another one
    than was given out), look (right, but a teacher should read it).
    """
    try:
        k, tree, call = find_call(cells, item)
    except LookupError as error:
        return outcome("missing", str(error))
    if tree is None:
        return outcome("error", no_python(cells[k]["source"]))
    note = note_on(cells, k, item)
    wanted = argument(call, 1, "answer" if item.verb == "check" else "mine") if call else None
    wanted = wanted or ast.Name("answer" if item.verb == "check" else item.number, ast.Load())
    seeds = argument(call, 3, "seed") if call and item.verb == "check" else None
    names = names_in(wanted) | (names_in(seeds) if seeds else set())
    lines = statements(cells, k, tree, call, names)
    try:
        answer, given = trial.trial(lambda: made(cells, lines, (wanted, seeds)))
    except Wrong as no:
        late = "has not ended" in no.found
        return outcome("time" if late else "error", no.found, note)
    if seed is not None and item.verb == "check" and check.find(item.number)[1].vary:
        if str(given).strip().lower() != str(seed).strip().lower():
            return outcome("seed", f"made with seed {given}, not {seed}", note)
    state, said = judge(item, answer, salt, given)
    touched = touches([node for _, node in lines] + [wanted])
    if state == "right" and touched:
        return outcome("look", f"right, but it uses {', '.join(touched)}: read it", note)
    return outcome(state, said, note)


def outcome(state, said="", note=""):
    return {"state": state, "said": " ".join(said.split()), "note": note}


def made(cells, lines, wanted):
    """Run statements and return the values of expressions, None for one that is None."""
    space = {"__name__": "__main__"}
    for number, node in lines:
        file = f"<cell {number + 1}>"
        source = cells[number]["source"]
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        rule = rule_of_build(node)
        if rule:  # judged on its own; a wrong one is replaced by the course's, as in the lesson
            space[rule] = build.RULES.get(rule) or build.SCHEDULES[rule]
            continue
        exec(compile(ast.Module([node], []), file, "exec"), space)
    code = [ast.Expression(ast.fix_missing_locations(node)) if node else None for node in wanted]
    return [node and eval(compile(node, "<the answer>", "eval"), space) for node in code]


def rule_of_build(node):
    """The name X in `X = build("X", …)`, None for any other statement."""
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
        if getattr(node.value.func, "id", None) == "build" and node.value.args:
            name = getattr(node.value.args[0], "value", None)
            same = getattr(node.targets[0], "id", None) == name
            known = name in build.RULES or name in build.SCHEDULES
            return name if same and known else None
    return None


def judge(item, answer, salt, seed=None):
    """Return (state, said) of an answer, by the course's judges, with cases drawn by the salt."""
    if item.verb == "build":
        CALLS[item.number] = salt
        verdict, _ = build.judge(item.number, answer)
        return verdict.state, "" if verdict.state == "right" else str(verdict).splitlines()[0]
    number, task = check.find(item.number, seed)
    CALLS[number] = salt
    state, no = check.judged(number, task, the_courses_own(answer))
    if isinstance(no, Unfit) and "has not ended" in no.found:
        return "time", no.found
    return state, no.found if no else ""


def the_courses_own(answer):
    """An optimizer of the course's class with the same knobs, if a class of that name made it.

    A class of one's own that calls itself Momentum could walk straight to the minimum.
    """
    rule = build.RULES.get(type(answer).__name__)
    if not isinstance(answer, Optimizer) or rule is None or type(answer) is rule:
        return answer
    try:
        return rule(**{name: getattr(answer, name) for name in rule.__dataclass_fields__})
    except Exception:
        return answer


def touches(nodes):
    """The names in some code that could reach the judge."""
    found = set()
    for node in (part for whole in nodes for part in ast.walk(whole)):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            modules = [n.name for n in node.names] + [getattr(node, "module", None) or ""]
            found |= {m for m in modules if m.split(".")[0] in TOUCHES["modules"]}
            found |= {m for m in modules if "lab.exercises" in m}
        elif isinstance(node, ast.Name) and node.id in TOUCHES["names"] | TOUCHES["modules"]:
            found.add(node.id)
        elif isinstance(node, ast.Attribute) and node.attr.startswith("__"):
            found.add(node.attr)
    return sorted(found - HARMLESS)


def no_python(source):
    """One clause about a cell that cannot be read."""
    try:
        ast.parse(source)
    except SyntaxError as error:
        line = (error.text or "").strip()
        return f"line {error.lineno} is no Python, `{line}`: {error.msg}"
    return "it is no Python"


def note_on(cells, k, item):
    """What a teacher may want to know about the way in which an item was handed in."""
    found = [] if cells[k].get("execution_count") else ["saved without running it"]
    for cell in cells:
        if cell["cell_type"] == "code" and f"def {item.verb}(" in cell["source"]:
            found.append(f"writes a {item.verb} of its own, which was not used")
            break
    return "; ".join(found)


def limit_memory():
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except (ImportError, ValueError, OSError):  # Windows has none, macOS refuses
        pass


def main():
    task = json.load(sys.stdin)
    voice = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    limit_memory()
    trial.SECONDS = task["seconds"]
    for verb, number, cell in task["items"]:
        random.seed(task["salt"])
        print(json.dumps({"begun": number}), file=voice, flush=True)
        begun = time.perf_counter()
        try:
            found = examine(task["cells"], Item(verb, number, cell), task["salt"], task["seed"])
        except BaseException as error:  # nothing that a student writes may end the marking
            found = outcome("error", f"{type(error).__name__}: {error}")
        found["seconds"] = round(time.perf_counter() - begun, 2)
        print(json.dumps(found), file=voice, flush=True)


if __name__ == "__main__":
    main()
