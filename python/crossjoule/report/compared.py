# SPDX-License-Identifier: BSD-3-Clause
"""What `crossjoule compare --json` printed, held against the page: both must say the same."""

import json
import math
import os

from ..errors import BadInput

#: Ratio in the JSON document -> field of comparison.Line.
_RATIOS = {
    "energy_ratio_to_best_digital": "energy_to_best",
    "energy_ratio_at_same_batch": "energy_to_same_batch",
    "time_ratio_to_fastest_digital": "time_to_best",
    "time_ratio_at_same_batch": "time_to_same_batch",
}
_TOLERANCE = 1e-9


def read(path):
    """The JSON document at `path`; BadInput where it is none of `compare`."""
    try:
        with open(path, encoding="utf-8") as stream:
            document = json.load(stream)
    except OSError as error:
        raise BadInput(f"{path} cannot be opened ({error.strerror}) check the name") from error
    except ValueError as error:
        raise BadInput(
            f"{path} is not JSON ({error}) give what `crossjoule compare --json` printed"
        ) from error
    if not isinstance(document, dict) or not isinstance(document.get("lines"), list):
        raise BadInput(
            f"{path} has no list `lines` (it is not from compare) give what `crossjoule compare"
            " --json` printed"
        )
    if document.get("idle", "gross") != "gross":
        raise BadInput(
            f'{path} subtracts idle power (the page is gross) run compare with idle = "gross"'
        )
    return document


def check(path, chapters):
    """Compare every ratio of the document with the page's; BadInput on the first that differs."""
    document = read(path)
    digest = (document.get("network") or {}).get("digest")
    chapter = next((one for one in chapters if one.network.digest == digest), None)
    if chapter is None:
        raise BadInput(
            f"{path} compares network {digest} (no record given here has it) leave it away, or add"
            " its records"
        )
    ours = {}
    for line in chapter.comparison.lines.get(document.get("boundary"), []):
        ours[_key(vars(line.point), line.point.record)] = line
    for theirs in document["lines"]:
        line = ours.get(_key(theirs, theirs.get("file", "")))
        if line is None:
            raise BadInput(
                f"{path} holds {theirs.get('platform')} batch {theirs.get('batch')} of "
                f"{theirs.get('file')} (no record given here has that point) give the same records"
            )
        for name, attribute in _RATIOS.items():
            if not _equal(theirs.get(name), getattr(line, attribute)):
                raise BadInput(
                    f"{path}: {name} of {theirs.get('platform')} batch {theirs.get('batch')} is"
                    f" {_value(theirs.get(name))}, the records give {getattr(line, attribute)} (the"
                    " file is of other records or another version) run compare again"
                )


def _key(fields, record):
    return (os.path.basename(record),) + tuple(
        fields.get(name) for name in ("platform", "mode", "device", "precision", "batch", "ranks")
    )


def _value(figure):
    return figure.get("value") if isinstance(figure, dict) else None


def _equal(theirs, ours):
    if _value(theirs) is None or ours is None:
        return _value(theirs) is None and ours is None
    return all(
        math.isclose(theirs[end], getattr(ours, end), rel_tol=_TOLERANCE)
        for end in ("low", "value", "high")
        if theirs.get(end) is not None
    )
