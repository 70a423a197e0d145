"""Live pictures: widgets in Python and JavaScript, side by side, on one shared base."""
