# SPDX-License-Identifier: BSD-3-Clause
"""Published figures: `[[row]]` of a cited TOML file, shown under the table, never joined with it.

The file is the one that `crossjoule compare --set published=...` reads.
"""

import math
from dataclasses import dataclass, field

try:
    import tomllib
except ModuleNotFoundError:  # Python before 3.11
    import tomli as tomllib

from ..errors import BadInput
from ..quantity import Quantity, parts
from .html import escape, table

_FIGURES = {"latency": "s", "seconds_per_sample": "s", "joules_per_sample": "J"}
_TEXTS = ("platform", "network", "precision", "digest", "boundary", "note", "citation", "reading")


@dataclass(frozen=True)
class Row:
    """One published row. Its figures are other people's, on other conditions."""

    platform: str
    network: str
    citation: str
    precision: str = ""
    digest: str = ""
    boundary: str = "not stated"
    note: str = ""
    reading: str = "secondary"
    figures: dict = field(default_factory=dict)


def read(path):
    """The rows of a TOML file; BadInput names the row and the key that is missing."""
    try:
        with open(path, "rb") as stream:
            document = tomllib.load(stream)
    except OSError as error:
        raise BadInput(f"{path} cannot be opened ({error.strerror}) check the name") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} is not TOML ({error}) correct it") from error
    items = document.get("row")
    if not isinstance(items, list) or not items:
        raise BadInput(
            f"{path} has no [[row]] (nothing published to print) add one or leave the option away"
        )
    return [_row(item, f"{path}, row {index + 1}") for index, item in enumerate(items)]


def _row(item, where):
    if not isinstance(item, dict):
        raise BadInput(f"{where} is not a table (a row has keys) write [[row]] and keys below it")
    unknown = sorted(set(item) - set(_TEXTS) - set(_FIGURES))
    if unknown:
        raise BadInput(
            f"{where}: unknown key {unknown[0]} (a row has {', '.join((*_TEXTS, *_FIGURES))})"
            " remove it"
        )
    for key in ("platform", "network", "citation"):
        if not isinstance(item.get(key), str) or not item[key]:
            raise BadInput(f"{where} has no {key} (a published figure needs it) add it")
    found = {
        key: _figure(item[key], unit, f"{where}: {key}")
        for key, unit in _FIGURES.items()
        if key in item
    }
    if not found:
        raise BadInput(
            f"{where} has no figure (nothing to print) give one of {', '.join(_FIGURES)}"
        )
    return Row(figures=found, **{key: str(item[key]) for key in _TEXTS if key in item})


def _figure(item, unit, where):
    if not isinstance(item, dict) or not {"value", "low", "high", "unit"} <= set(item):
        raise BadInput(
            f"{where} lacks value, low, high or unit (a figure has all four) complete it"
        )
    if item["unit"] != unit:
        raise BadInput(f"{where}: unit = '{item['unit']}' (must be '{unit}') convert the number")
    try:
        numbers = [float(item[end]) for end in ("low", "value", "high")]
    except (TypeError, ValueError) as error:
        raise BadInput(f"{where} is not made of numbers ({error}) correct it") from error
    if not all(map(math.isfinite, numbers)) or sorted(numbers) != numbers:
        raise BadInput(
            f"{where} has low {numbers[0]}, value {numbers[1]}, high {numbers[2]} (must rise) order"
            " them"
        )
    return Quantity(*numbers, "modelled", unit)


def section(chapter):
    """The table of published figures, or None."""
    if not chapter.published:
        return None
    body = [
        (None, [("published", _cells(row, chapter.network.digest)) for row in chapter.published])
    ]
    return table(
        (
            "Platform",
            "Network",
            "Precision",
            "Boundary",
            "Latency",
            "Time per sample",
            "Energy per sample",
            "Source",
        ),
        body,
        "Published by others: not joined with the table above, no ratio is formed.",
        numeric=(4, 5, 6),
        css="published",
    )


def _cells(row, digest):
    same = "same network" if row.digest and row.digest == digest else "different network"
    note = f'<span class="note">{escape(row.note)}</span>' if row.note else ""
    reading = "read in the cited text" if row.reading == "primary" else "as quoted by another text"
    return [
        escape(row.platform) + note,
        f'{escape(row.network)} <span class="role">{same}</span>',
        escape(row.precision),
        escape(row.boundary),
        *(_shown(row.figures.get(key)) for key in _FIGURES),
        f'{escape(row.citation)}<span class="note">{reading}</span>',
    ]


def _shown(figure):
    if figure is None:
        return '<span class="none">not given</span>'
    value, interval, unit = parts(figure)
    return (
        f'<span class="figure" data-kind="published"><span class="value">{escape(value)}'
        f' {escape(unit)}</span> <span class="interval">{escape(interval)}</span> <span class="kind'
        ' kind-published">published</span></span>'
    )
