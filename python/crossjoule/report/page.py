# SPDX-License-Identifier: BSD-3-Clause
"""The whole page: chapters in a fixed order, contents, and what the records do not hold."""

from importlib import resources

from . import analog, detection, energy, forecast, headline, provenance, published, sweep, training
from .html import definitions, escape

#: (id, heading, function of a chapter giving HTML or None, what is missing otherwise).
SECTIONS = (
    ("headline", "Seconds and joules", headline.section, "infer or estimate records (the table)"),
    ("published", "Published by others", published.section, "published rows (option --published)"),
    ("sweep", "Batch sweep", sweep.section, "points of infer or estimate (the batch sweep)"),
    ("detection", "Does it find the signals?", detection.section, "scores of signals (AUC, TPR)"),
    ("forecast", "Forecast skill", forecast.section, ""),
    ("training", "Training", training.section, "a training record (loss curves)"),
    ("energy", "Energy ledger", energy.section, "a metered run (energy ledger)"),
    ("analog", "Analog estimate", analog.section, "an estimate record (analog breakdown)"),
    ("points", "All points", headline.everything, ""),
)


def render(chapters, records, arguments=()):
    """The HTML page of the chapters (chapter.gather) and the provenance of all records, as text: no
    time, no random name, nothing loaded from outside."""
    several = len(chapters) > 1
    contents, body = [], []
    for chapter in chapters:
        inside, items, absent = _chapter(chapter)
        if several:
            anchor = chapter.ident("network")
            contents.append(
                f'<li class="chapter"><a href="#{anchor}">{escape(chapter.name)}</a>'
                f'<ul>{"".join(items)}</ul></li>'
            )
            body.append(
                f'<h2 class="network" id="{anchor}">{escape(chapter.name)}</h2>{_facts(chapter)}'
            )
        else:
            contents += items
        body += inside
        if absent:
            body.append(f'<p class="absent">Not in these records: {escape("; ".join(absent))}.</p>')
    contents.append('<li><a href="#provenance">Provenance</a></li>')
    body.append(
        '<section id="provenance" data-section="provenance"><h2>Provenance</h2>'
        f"{provenance.section(records, arguments)}</section>"
    )
    return document(
        _title(chapters), _header(chapters, records, several), "".join(contents), "".join(body)
    )


def _chapter(chapter):
    inside, items, absent = [], [], []
    for name, heading, make, missing in SECTIONS:
        content = make(chapter)
        if content is None:
            absent += [missing] if missing else []
            continue
        anchor = chapter.ident(name)
        items.append(f'<li><a href="#{anchor}">{escape(heading)}</a></li>')
        inside.append(
            f'<section id="{anchor}" data-section="{name}" aria-labelledby="{anchor}-heading">'
            f'<h2 id="{anchor}-heading">{escape(heading)}</h2>{content}</section>'
        )
    return inside, items, absent


def _title(chapters):
    names = ", ".join(chapter.name for chapter in chapters)
    tables = [chapter.comparison for chapter in chapters if chapter.points]
    nothing = tables and not any(table.any_measured for table in tables)
    warning = f" – {headline.NOTHING_MEASURED}" if nothing else ""
    return (f"crossjoule report: {names}" if names else "crossjoule report") + warning


def _header(chapters, records, several):
    names = " and ".join(chapter.name for chapter in chapters) or "records"
    facts = "" if several or not chapters else _facts(chapters[0])
    files = ", ".join(escape(record.name) for record in records)
    return (
        f'<header><p class="brand">crossjoule report</p><h1>{escape(names)}: seconds and'
        f' joules</h1><p class="files">From {files}</p>{facts}</header>'
    )


def _facts(chapter):
    network = chapter.network
    platforms = list(dict.fromkeys(point.platform for point in chapter.points))
    return definitions(
        [
            ("parameters", f"{network.params:,}".replace(",", " ")),
            ("MACs per sample", f"{network.macs:,}".replace(",", " ")),
            ("graph digest", f"<code>{escape(network.digest)}</code>"),
            ("platforms", escape(", ".join(platforms) or "none")),
        ]
    )


def document(title, header, contents, body):
    """A whole page of four pieces of HTML; `title` is plain text."""
    css = resources.files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport"'
        ' content="width=device-width,'
        f' initial-scale=1"><title>{escape(title)}</title><style>{css}</style></head><body><a'
        f' class="skip" href="#content">Skip to content</a>{header}<nav'
        f' aria-label="Contents"><ol>{contents}</ol></nav><main'
        f' id="content">{body}</main><footer>Every figure: value [low, high] and its kind. Absent'
        " is never 0; modelled is never called measured.</footer></body></html>\n"
    )
