# SPDX-License-Identifier: BSD-3-Clause
"""Who may include whom: the table of docs/architecture.md, checked over every source file."""

import re
from pathlib import Path

# folder -> folders whose headers it may include beside its own; the longest folder name wins
ARROWS = {
    "core": [],
    "kernels": ["core"],
    "models": ["core"],
    "meter": ["core"],
    "runtime": ["meter", "models", "kernels", "core"],
    "runtime/plan": ["runtime", "meter", "models", "kernels", "core"],
    "aimc": ["models", "core"],
    "aimc/execution": ["aimc", "models", "kernels", "core"],
    "sim": ["models", "kernels", "core"],
    "sim/world": ["sim", "models", "kernels", "core"],
    "drivers": ["core", "kernels", "models", "meter", "runtime", "runtime/plan", "aimc",
                "aimc/execution", "sim", "sim/world"],
}
# what a header of a folder with sub-folders may see below itself
ARROWS["runtime"].append("runtime/plan")
ARROWS["sim"].append("sim/world")
# headers that take Kokkos Views are for these folders alone
KOKKOS_FOLDERS = ["kernels", "runtime/plan", "aimc/execution", "sim/world"]
KOKKOS_HEADER = "kernels/kokkos.hpp"
# tests may include these beside what their folder may
FOR_TESTS = ["kernels/reference", "core/testing"]
# each is slow to compile: one .cpp alone includes it, a header never
SLOW = {"CLI11": r"CLI/", "toml++": r"toml\+\+|toml\.hpp", "nlohmann-json": r"nlohmann/"}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def folder_of(path):
    """The entry of ARROWS that a path inside the tree belongs to, or None."""
    names = [name for name in ARROWS if path.startswith(name + "/")]
    return max(names, key=len) if names else None


def kokkos_headers(texts):
    """The headers that include kernels/kokkos.hpp, directly or through another one."""
    seen = {KOKKOS_HEADER}
    while True:
        more = {path for path, text in texts.items() if path.endswith(".hpp") and path not in seen
                and any(name in seen for _, name in INCLUDE.findall(text))}
        if not more:
            return seen
        seen |= more


def read_tree(root):
    """Path inside the tree -> text, for all C++ sources of ours."""
    root = Path(root)
    folders = [name for name in ARROWS if "/" not in name] + ["tests"]
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
            for folder in folders if (root / folder).is_dir()
            for path in sorted((root / folder).rglob("*.[ch]pp"))}


def check(root):
    """All broken rules, one line each; an empty list for a sound tree."""
    texts = read_tree(root)
    with_views = kokkos_headers(texts)
    problems, slow_users = [], {name: [] for name in SLOW}
    for path, text in texts.items():
        is_test = path.startswith("tests/")
        inner = path.removeprefix("tests/")
        folder = folder_of(inner)
        for bracket, name in INCLUDE.findall(text):
            for library, pattern in SLOW.items():
                if re.match(pattern, name) and not is_test:
                    slow_users[library].append(path)
            if name == "Kokkos_Core.hpp" and path != KOKKOS_HEADER:
                problems.append(f"{path} includes Kokkos_Core.hpp (only {KOKKOS_HEADER} may)")
            if name == "mpi.h" and folder != "core" and not is_test:
                problems.append(f"{path} includes mpi.h (only core may)")
            target = folder_of(name)
            if folder is None or target is None or bracket == "<":
                continue
            if is_test and any(name.startswith(allowed + "/") for allowed in FOR_TESTS):
                continue
            if target != folder and target not in ARROWS[folder]:
                problems.append(f"{path} includes {name} ({folder} may not include {target})")
            if name in with_views and folder not in KOKKOS_FOLDERS:
                problems.append(f"{path} includes {name}, which takes Kokkos Views "
                                f"(only {', '.join(KOKKOS_FOLDERS)} may)")
    for library, users in slow_users.items():
        if len(set(users)) > 1 or any(path.endswith(".hpp") for path in users):
            problems.append(f"{library} is included by {', '.join(users)} (one .cpp alone may)")
    return problems
