# SPDX-License-Identifier: BSD-3-Clause
"""The few pieces of HTML that every section is made of."""

import html
import math
import re

from ..quantity import digits, parts

#: Kinds as the page prints them: short, always in words, never by colour alone.
KIND_WORDS = {
    "measured-counter": "measured",
    "measured-sampled": "measured, sampled",
    "modelled": "modelled",
    "assumed": "assumed",
    "absent": "absent",
}


def escape(value):
    return html.escape(str(value), quote=True)


def slug(value):
    """An id made of a name."""
    return re.sub(r"[^a-z0-9]+", "-", str(value).lower()).strip("-") or "x"


def kind_badge(kind):
    return f'<span class="kind kind-{escape(kind)}">{escape(KIND_WORDS[kind])}</span>'


def figure(quantity):
    """A figure with its interval, unit and kind: no number of a record is printed without them."""
    value, interval, unit = parts(quantity)
    if not quantity.present:
        return f'<span class="figure" data-kind="absent">{kind_badge("absent")}</span>'
    interval = f' <span class="interval">{escape(interval)}</span>' if interval else ""
    unit = f' <span class="unit">{escape(unit)}</span>' if unit else ""
    return (
        f'<span class="figure" data-kind="{escape(quantity.kind)}"><span class="value">'
        f"{escape(value)}{unit}</span>{interval} {kind_badge(quantity.kind)}</span>"
    )


def ratio(quantity, less="less energy", more="more energy", undecided="undecided"):
    """A ratio in words: what it means stands beside the number."""
    if quantity is None:
        return '<span class="none">–</span>'
    if quantity.low <= 1 <= quantity.high:
        word, style = undecided, "even"
    else:
        word, style = (less, "less") if quantity.value > 1 else (more, "more")
    high = "∞" if math.isinf(quantity.high) else digits(quantity.high)
    return (
        f'<span class="figure ratio ratio-{style}" data-kind="{escape(quantity.kind)}">'
        f'<span class="value">{escape(digits(quantity.value))}×</span> '
        f'<span class="interval">[{escape(digits(quantity.low))}, {escape(high)}]</span> '
        f'<span class="word">{word}</span> {kind_badge(quantity.kind)}</span>'
    )


def table(headings, body, caption, *, numeric=(), css="", ident=""):
    """headings: text or (text, note); body: [(group heading or None, [(row class, [cells])])],
    cells being HTML. numeric: columns set to the right."""

    def cell(tag, column, content, extra=""):
        side = ' class="num"' if column in numeric else ""
        return f"<{tag}{side}{extra}>{content}</{tag}>"

    def heading(column, text):
        text, note = text if isinstance(text, tuple) else (text, "")
        note = f'<span class="note">{escape(note)}</span>' if note else ""
        return cell("th", column, escape(text) + note, ' scope="col"')

    name = f' id="{ident}"' if ident else ""
    out = [
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(strip(caption))}">'
        f'<table{name} class="{css}"><caption>{caption}</caption><thead><tr>'
    ]
    out += [heading(column, text) for column, text in enumerate(headings)]
    out.append("</tr></thead>")
    for group, rows in body:
        out.append("<tbody>")
        if group:
            out.append(
                '<tr class="group"><th scope="rowgroup"'
                f' colspan="{len(headings)}">{group}</th></tr>'
            )
        for style, cells in rows:
            out.append(f'<tr class="{style}">' if style else "<tr>")
            out += [cell("th", 0, cells[0], ' scope="row"')]
            out += [cell("td", column, content) for column, content in enumerate(cells) if column]
            out.append("</tr>")
        out.append("</tbody>")
    out.append("</table></div>")
    return "".join(out)


def strip(markup):
    """Markup as plain text, for labels."""
    return html.unescape(re.sub(r"<[^>]+>", "", markup))


def plot(svg, caption):
    """An inline plot with its caption; `svg` comes from figures.inline."""
    return f'<figure class="plot">{svg}<figcaption>{caption}</figcaption></figure>'


def plots(items):
    """Several plots side by side where the page is wide enough."""
    return f'<div class="plots">{"".join(items)}</div>'


def definitions(pairs):
    """A list of name and value."""
    rows = "".join(f"<div><dt>{escape(name)}</dt><dd>{value}</dd></div>" for name, value in pairs)
    return f'<dl class="facts">{rows}</dl>'
