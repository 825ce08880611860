# SPDX-License-Identifier: BSD-3-Clause
"""Scripts depend on the keys of --json: python3 json_keys.py BINARY DOCUMENT [--twin].

Every verb's document must hold exactly the top-level keys that the table "JSON keys" of
docs/command_line.md lists for it, and the table must know the keys of its rows. With --twin a key is
dropped from the table first and the check must fail.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SMALL = ["--set", "training.epochs=1", "--set", "training.batch=64", "--set", "training.micro_batch=32"]
CALLS = {
    "generate": ["generate", "events", "--set", "events=300", "--output", "events.h5"],
    "train": ["train", *SMALL, "--output", "train.h5"],
    "infer": ["infer", "--set", "network=train.h5", "--set", "sweep.batches=[1]",
              "--set", "sweep.seconds_per_point=0.05", "--set", 'accuracy.background.files=["events.h5"]',
              "--set", "accuracy.signals=[{name=\"s\", files=[\"events.h5\"]}]", "--output", "infer.h5"],
    "estimate": ["estimate", "--output", "estimate.h5"],
    "compare": ["compare", "infer.h5", "estimate.h5"],
    "inspect": ["inspect", "estimate.h5"],
    "validate": ["validate"],
    "devices": ["devices"],
}


def documented(text):
    """{verb: keys} of the table, sub-keys in brackets and after a colon left out."""
    table = text.split("## JSON keys", 1)[1]
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", table, re.MULTILINE)
    found = {}
    for verb, cell in rows:
        cell = re.sub(r"\([^()]*\)", "", re.sub(r"\([^()]*\([^()]*\)[^()]*\)", "", cell))
        cell = cell.split("; with", 1)[0]
        keys = []
        for name, colon in re.findall(r"`(\w+)(?:\[\])?`(:?)", cell):
            keys.append(name)
            if colon:  # what follows are the keys of the list's elements
                break
        found[verb] = keys
    return found


def compare(binary, keys):
    """Lines that say what differs."""
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        for verb, call in CALLS.items():
            done = subprocess.run([binary, *call, "--json", "--quiet"], cwd=folder, text=True,
                                  capture_output=True, timeout=120, check=False)
            if done.returncode != 0:
                wrong.append(f"{verb}: exit status {done.returncode}: {done.stderr.strip()}")
                continue
            there, told = set(json.loads(done.stdout)), set(keys.get(verb, []))
            wrong += [f"{verb}: the document has no key '{key}'" for key in sorted(told - there)]
            wrong += [f"{verb}: key '{key}' is not in the table" for key in sorted(there - told)]
    return wrong


def main():
    binary, document = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).read_text(encoding="utf-8")
    keys = documented(document)
    if "--twin" in sys.argv:
        keys["train"] = keys["train"][1:] + ["invented"]
    wrong = compare(str(binary), keys)
    print("\n".join(wrong) or f"{len(CALLS)} verbs print the keys that {sys.argv[2]} lists")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
