"""`python -m lab.classroom VERB …`, run in the folder notebooks/."""

import argparse
import sys
import time
from pathlib import Path

from . import __doc__ as ABOUT
from .course import ROOT

sys.path.insert(0, str(ROOT))  # optimizers.py lies there


def main(words=None):
    parser = argparse.ArgumentParser(
        prog="python -m lab.classroom",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    for add in (add_copy, add_grade, add_exam, add_slides, add_paper, add_nbgrader):
        add(verbs)
    asked = parser.parse_args(words)
    try:
        return asked.do(asked)
    except (ValueError, OSError) as error:
        return f"{asked.verb}: {error}"


def add_verb(verbs, do, help, out="a folder", lessons=True, solutions=False):
    """Add what `do_NAME` does, and what several verbs are told: where to, and which lessons."""
    verb = verbs.add_parser(do.__name__.removeprefix("do_"), help=help)
    verb.set_defaults(do=do)
    if out:
        verb.add_argument("out", help=out)
    if lessons:
        verb.add_argument("--lessons", nargs="+", default=[], help="such as 01 10b; all if none")
    if solutions:
        verb.add_argument("--solutions", choices=("none", "folded"), default="none")
    return verb


def add_copy(verbs):
    verb = add_verb(verbs, do_copy, "make a folder to hand out", "a new folder", solutions=True)
    verb.add_argument("--variants", action="store_true", help="each student has a seed")
    verb.add_argument("--zip", action="store_true", help="also OUT.zip, one file to hand out")


def do_copy(asked):
    import shutil

    from .handout import copy

    size = copy(asked.out, asked.lessons, asked.solutions, asked.variants)
    print(f"{asked.out}: {size / 1e6:.1f} MB. Its README.md says how to begin.")
    if asked.zip:
        print(f"{shutil.make_archive(asked.out, 'zip', asked.out)}")


def add_grade(verbs):
    verb = add_verb(verbs, do_grade, "mark a folder of notebooks", out=None, lessons=False)
    verb.add_argument("folder", help="notebooks, or a folder for each student")
    verb.add_argument("--csv", help="where the marks go (marks.csv beside the folder)")
    verb.add_argument("--limit", type=float, default=10, help="seconds for each exercise (10)")
    verb.add_argument("--jobs", type=int, help="notebooks at a time (as many as processors)")
    verb.add_argument("--salt", type=int, help="mark with the cases of an earlier marking")
    verb.add_argument("--seeds", help="a CSV of student, seed: whose numbers are whose")


def do_grade(asked):
    import secrets

    from .grade import grade, read_seeds, write_tables

    begun = time.monotonic()
    salt = secrets.randbelow(2**31) if asked.salt is None else asked.salt
    seeds = read_seeds(asked.seeds) if asked.seeds else None
    rows = grade(asked.folder, asked.limit, asked.jobs, salt, seeds, told=print)
    table = Path(asked.csv or Path(asked.folder).resolve().parent / "marks.csv")
    short = write_tables(rows, table)
    students = len({row["student"] for row in rows})
    took = time.monotonic() - begun
    print(f"{students} students, {len(rows)} marks in {took:.0f} s: {table} and {short.name}")
    print(f"The same again: --salt {salt}")


def add_exam(verbs):
    verb = add_verb(verbs, do_exam, "write an exam of twelve questions, with key", lessons=False)
    verb.add_argument("--seed", type=int, required=True, help="another seed, another exam")


def do_exam(asked):
    from .exam import write_exam

    total = write_exam(asked.out, asked.seed)
    print(f"{asked.out}: exam.html and key.html to print, exam.md and key.md; {total} marks.")


def add_slides(verbs):
    add_verb(verbs, do_slides, "make a deck for each lesson")


def do_slides(asked):
    from .slides import slides

    for name, count in slides(asked.out, asked.lessons).items():
        print(f"{asked.out}/{name}.html: {count} slides")
    print("Open one in a browser: arrow keys turn, f fills the screen, printing makes a PDF.")


def add_paper(verbs):
    about = "make pages to print, with formulas, without a network"
    add_verb(verbs, do_paper, about, solutions=True)


def do_paper(asked):
    from .paper import paper

    for path in paper(asked.out, asked.lessons, asked.solutions):
        print(path)
    print("Open one in a browser and print it, to paper or to a PDF.")


def add_nbgrader(verbs):
    add_verb(verbs, do_nbgrader, "write a course for nbgrader", "a new folder")


def do_nbgrader(asked):
    from .for_nbgrader import export

    names = export(asked.out, asked.lessons)
    print(f"{asked.out}: {', '.join(names)}. There: nbgrader generate_assignment {names[0]}")


if __name__ == "__main__":
    sys.exit(main())
