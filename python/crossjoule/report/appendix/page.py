# SPDX-License-Identifier: BSD-3-Clause
"""The appendix: its sections in order, as one HTML page and as Markdown."""

import os

from .. import page as shell
from ..document import in_markdown
from ..html import escape
from . import emitted, joules, power_plot, statement, trust, work
from .subject import clock


def sections(subject, options):
    """Every part of the model text; those that a set of records cannot have are left out."""
    made = [
        statement.summary(subject),
        statement.boundary(subject),
        power_plot.section(subject),
        joules.section(subject),
        trust.sensors(subject),
        trust.uncertainty(subject),
        trust.model(subject),
        emitted.section(subject),
        emitted.grid(subject),
        trust.level(subject),
        work.hardware(subject),
        work.work(subject),
        work.scaling(subject),
        work.analog(subject),
        work.life_cycle(subject),
        work.recompute(subject, options),
        statement.impact(subject),
    ]
    made[0].blocks[0:0] = trust.banner_if_denied(subject)
    return [section for section in made if section is not None]


def render(subject, options):
    """(HTML, Markdown) of the appendix. The same records and options give the same bytes."""
    parts = sections(subject, options)
    return _html(subject, parts), _markdown(subject, parts)


def _title(subject):
    names = ", ".join(record.name for record in subject.records)
    warning = f" – {statement.NOTHING_MEASURED}" if subject.measured_share == 0 else ""
    return f"Energy appendix: {names}{warning}"


def _facts(subject):
    count = len({device.host for device in subject.ledger.devices})
    return [
        ("what ran", statement.doing(subject)),
        ("time", clock(subject.seconds)),
        ("nodes weighed", str(count)),
        ("measured", statement.percent(subject.measured_share)),
    ]


def _html(subject, parts):
    contents = "".join(
        f'<li><a href="#{part.ident}">{escape(part.title)}</a></li>' for part in parts
    )
    files = ", ".join(
        escape(os.path.basename(record.path)) for record in subject.records + subject.others
    )
    facts = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
        for name, value in _facts(subject)
    )
    header = (
        '<header><p class="brand">crossjoule energy appendix</p><h1>Energy and carbon of this'
        f' work</h1><p class="files">From {files}</p><dl class="facts">{facts}</dl></header>'
    )
    body = "".join(part.html() for part in parts)
    return shell.document(_title(subject), header, contents, body)


def _markdown(subject, parts):
    head = [f"# {in_markdown(_title(subject))}", ""]
    head += [f"- {name}: {in_markdown(value)}" for name, value in _facts(subject)]
    body = "\n".join(part.markdown() for part in parts)
    foot = "Every figure: value [low, high] and its kind. Absent is never 0."
    return "\n".join(head) + "\n\n" + body + f"\n---\n{foot}\n"
