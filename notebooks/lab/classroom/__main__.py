"""`python -m lab.classroom VERB …`, run in the folder notebooks/."""

import argparse
import sys
import time

from . import __doc__ as ABOUT


def main(words=None):
    parser = argparse.ArgumentParser(
        prog="python -m lab.classroom",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    for add in (add_grade,):
        add(verbs)
    asked = parser.parse_args(words)
    try:
        return asked.do(asked)
    except (ValueError, OSError) as error:
        return f"{asked.verb}: {error}"


def add_grade(verbs):
    verb = verbs.add_parser("grade", help="mark a folder of notebooks")
    verb.add_argument("folder", help="notebooks, or a folder for each student")
    verb.add_argument("--csv", default="marks.csv", help="where the marks go (default marks.csv)")
    verb.add_argument("--limit", type=float, default=10, help="seconds for each exercise (10)")
    verb.add_argument("--jobs", type=int, help="notebooks at a time (as many as processors)")
    verb.add_argument("--salt", type=int, help="mark with the cases of an earlier marking")
    verb.add_argument("--seeds", help="a CSV of student, seed: whose numbers are whose")
    verb.set_defaults(do=do_grade)


def do_grade(asked):
    import secrets

    from .grade import grade, read_seeds, write_tables

    begun = time.monotonic()
    salt = secrets.randbelow(2**31) if asked.salt is None else asked.salt
    seeds = read_seeds(asked.seeds) if asked.seeds else None
    rows = grade(asked.folder, asked.limit, asked.jobs, salt, seeds, told=print)
    short = write_tables(rows, asked.csv)
    students = len({row["student"] for row in rows})
    took = time.monotonic() - begun
    print(f"{students} students, {len(rows)} marks in {took:.0f} s: {asked.csv}, {short}")
    print(f"The same again: --salt {salt}")


if __name__ == "__main__":
    sys.exit(main())
