"""The teacher's desk: a class copy, marks, an exam, slides. No lesson needs it.

In the folder notebooks/:

    python -m lab.classroom copy ../class                 # what students get
    python -m lab.classroom grade ../collected            # what they hand in, as two tables
    python -m lab.classroom exam --seed 7 ../exam         # an exam and its key
    python -m lab.classroom slides ../slides              # a deck for each lesson
    python -m lab.classroom paper ../paper                # lessons to print
    python -m lab.classroom nbgrader ../nbgrader          # a course for nbgrader

How to teach with it says notebooks/for_teachers.md.
"""
