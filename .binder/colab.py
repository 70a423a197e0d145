"""Fetch the whole course where one notebook was opened alone, as in Colab, and make it ready there.

A set-up cell runs this after `.binder/links.py --write` has put the course's address, `home`, into
it. It downloads an archive, makes `lab` and `optimizers` importable, and switches live pictures on.
"""

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.request import urlopen

course = Path("downhill").resolve()
if not course.exists():
    print(f"Fetching the course from {home} …")  # noqa: F821, the cell says what `home` is
    archive = zipfile.ZipFile(io.BytesIO(urlopen(f"{home}/archive/HEAD.zip").read()))  # noqa: F821
    archive.extractall("downhill-archive")
    next(Path("downhill-archive").iterdir()).rename(course)
sys.path[:0] = [str(course / "notebooks"), str(course)]
os.chdir(course / "notebooks")
try:
    import anywidget  # noqa: F401
except ImportError:  # without it live pictures would be still ones
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "anywidget"])
try:
    from google.colab import output

    output.enable_custom_widget_manager()
except ImportError:
    pass  # not Colab after all
