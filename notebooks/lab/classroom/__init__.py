"""The teacher's desk: a class copy, marks, an exam, slides. No lesson needs it.

In the folder notebooks/:

    python -m lab.classroom copy ../teaching/class            # what students get
    python -m lab.classroom grade ../teaching/collected       # what they hand in, as two tables
    python -m lab.classroom exam ../teaching/exam --seed 7    # an exam and its key
    python -m lab.classroom slides ../teaching/slides         # a deck for each lesson
    python -m lab.classroom paper ../teaching/paper           # lessons to print
    python -m lab.classroom nbgrader ../teaching/course       # a course for nbgrader

How to teach with it says notebooks/for_teachers.md.
"""
