# SPDX-License-Identifier: BSD-3-Clause
"""Rules that every file keeps: its size, its licence line, nothing of one particular machine in it."""

import re
import subprocess
from pathlib import Path

MOST_LINES = 800
CODE = {".cpp", ".hpp", ".py", ".sh", ".cmake"}
LICENCE = "SPDX-License-Identifier: BSD-3-Clause"
# put together from halves, so that this file does not break its own rule
FOREIGN = [re.compile(pattern) for pattern in (
    "/wo" "rk/", "/ro" "ot/", "/home/" "[a-z]+/", "/tmp/" "build-", r"py" r"pi\.org",
    r"artifact" "ory", r"\bTO" r"DO\b", r"\bFIX" r"ME\b")]
# long by nature: data, not prose or code
NOT_CODE = {".h5", ".csv", ".png", ".svg", ".json", ".html"}


def tracked(root):
    """The files git knows, or all files where the tree is no repository (an unpacked archive)."""
    root = Path(root)
    try:
        listing = subprocess.run(["git", "-C", root, "-c", "safe.directory=*", "ls-files", "-co",
                                  "--exclude-standard"], check=True, capture_output=True, text=True)
        names = listing.stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        names = [path.relative_to(root).as_posix() for path in root.rglob("*")
                 if path.is_file() and not re.match(r"\.git/|build|.*__pycache__", path.relative_to(root).as_posix())]
    return [name for name in sorted(names) if (root / name).is_file()]


def is_code(name):
    return (Path(name).suffix in CODE or Path(name).name in {"CMakeLists.txt", "run"})


def check(root):
    """All broken rules, one line each; an empty list for a sound tree."""
    problems = []
    for name in tracked(root):
        if Path(name).suffix in NOT_CODE:
            continue
        try:
            text = (Path(root) / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        lines = text.count("\n")
        if lines > MOST_LINES:
            problems.append(f"{name} has {lines} lines (at most {MOST_LINES}) split it")
        if is_code(name) and LICENCE not in "\n".join(text.splitlines()[:3]):
            problems.append(f"{name} has no licence line (SPDX) put it first")
        for number, line in enumerate(text.splitlines(), start=1):
            for pattern in FOREIGN:
                if pattern.search(line):
                    problems.append(f"{name}:{number} contains '{pattern.search(line).group()}' "
                                    "(means nothing to a reader elsewhere)")
    return problems
