# SPDX-License-Identifier: BSD-3-Clause
"""Pieces of a document that is written twice: as HTML and as Markdown, from the same words.

A line of text is a str, a Quantity, a Bold, a Code, or a list of these; a str is plain and never
markup, so that no name in a record can break a page."""

import re
from dataclasses import dataclass, field

from ..quantity import Quantity, parts
from . import html as markup
from .html import KIND_WORDS, escape


@dataclass(frozen=True)
class Bold:
    text: str


@dataclass(frozen=True)
class Code:
    text: str


@dataclass(frozen=True)
class Plain:
    """A figure without its kind, where the words around it name the kind."""

    quantity: Quantity


def words(quantity):
    """A figure in text: `3.42 [3.21, 3.63] kWh`; `absent` where there is none."""
    return " ".join(part for part in parts(quantity) if part)


def in_html(line):
    if isinstance(line, (list, tuple)):
        return "".join(map(in_html, line))
    if isinstance(line, Quantity):
        return markup.figure(line)
    if isinstance(line, Plain):
        return escape(words(line.quantity))
    if isinstance(line, Bold):
        return f"<b>{escape(line.text)}</b>"
    if isinstance(line, Code):
        return f"<code>{escape(line.text)}</code>"
    return escape(line)


def in_markdown(line):
    if isinstance(line, (list, tuple)):
        return "".join(map(in_markdown, line))
    if isinstance(line, Quantity):
        said = words(line)
        return said if not line.present else f"{said} ({KIND_WORDS[line.kind]})"
    if isinstance(line, Plain):
        return words(line.quantity)
    if isinstance(line, Bold):
        inner = line.text.strip()  # spaces inside of the stars would undo them
        return line.text.replace(inner, f"**{_plain(inner)}**", 1) if inner else line.text
    if isinstance(line, Code):
        return f"`` {_one_line(line.text)} ``" if "`" in line.text else f"`{_one_line(line.text)}`"
    return _plain(line)


#: A backslash, code, emphasis (no underscore inside of a word), cells, tags, titles, links.
_MARKUP = r"[\\`*|]|(?<!\w)_|_(?!\w)|~~|<(?=[A-Za-z/!?])|^[#>]|\[(?=[^\]]*\]\()"


def _one_line(text):
    return " ".join(str(text).split())


def _plain(text):
    """Characters that Markdown would read as markup are shown as they are."""
    return re.sub(_MARKUP, r"\\\g<0>", str(text))


def as_text(line):
    """A line without any markup."""
    if isinstance(line, (list, tuple)):
        return "".join(map(as_text, line))
    if isinstance(line, Quantity):
        return f"{words(line)} ({KIND_WORDS[line.kind]})" if line.present else "absent"
    if isinstance(line, Plain):
        return words(line.quantity)
    return str(getattr(line, "text", line))


@dataclass
class Paragraph:
    line: object
    css: str = ""

    def html(self):
        css = f' class="{self.css}"' if self.css else ""
        return f"<p{css}>{in_html(self.line)}</p>"

    def markdown(self):
        return in_markdown(self.line) + "\n"


@dataclass
class Banner:
    line: object

    def html(self):
        return f'<p class="banner">{in_html(self.line)}</p>'

    def markdown(self):
        return f"> {in_markdown(self.line)}\n"


@dataclass
class Bullets:
    lines: list

    def html(self):
        return (
            f'<ul class="remarks">{"".join(f"<li>{in_html(one)}</li>" for one in self.lines)}</ul>'
        )

    def markdown(self):
        return "".join(f"- {in_markdown(one)}\n" for one in self.lines)


@dataclass
class Pairs:
    """Names and values."""

    rows: list

    def html(self):
        return markup.definitions([(name, in_html(value)) for name, value in self.rows])

    def markdown(self):
        return "".join(f"- {_plain(name)}: {in_markdown(value)}\n" for name, value in self.rows)


@dataclass
class Table:
    """rows: (css class, [cells]); a cell is a line. `numeric` columns stand to the right."""

    headings: list
    rows: list
    caption: str
    numeric: tuple = ()
    css: str = "facts-table"
    ident: str = ""

    def html(self):
        body = [(style, [in_html(cell) for cell in cells]) for style, cells in self.rows]
        return markup.table(
            self.headings,
            [(None, body)],
            escape(self.caption),
            numeric=self.numeric,
            css=self.css,
            ident=self.ident,
        )

    def markdown(self):
        rule = ["---:" if index in self.numeric else "---" for index in range(len(self.headings))]
        lines = [[_plain(name) for name in self.headings], rule]
        lines += [[in_markdown(cell) for cell in cells] for _, cells in self.rows]
        out = [f"**{_plain(self.caption)}**", ""]
        out += [f"| {' | '.join(_one_line(cell) for cell in line)} |" for line in lines]
        return "\n".join(out) + "\n"


@dataclass
class Picture:
    """An inline plot; Markdown gets what the plot says in words."""

    svg: str
    caption: object
    said: str

    def html(self):
        return markup.plot(self.svg, in_html(self.caption))

    def markdown(self):
        return f"*Plot (in the HTML page): {_plain(self.said)}*\n"


@dataclass
class Quotation:
    """Text to be pasted elsewhere; one click selects it."""

    ident: str
    lines: list

    def html(self):
        inside = "".join(f"<p>{escape(as_text(line))}</p>" for line in self.lines)
        return f'<blockquote class="paste" id="{self.ident}">{inside}</blockquote>'

    def markdown(self):
        return "\n>\n".join(f"> {_plain(as_text(line))}" for line in self.lines) + "\n"


@dataclass
class Verbatim:
    ident: str
    text: str

    def html(self):
        return f'<pre class="paste" id="{self.ident}">{escape(self.text)}</pre>'

    def markdown(self):
        fence = "```"
        while fence in self.text:
            fence += "`"
        return f"{fence}\n{self.text}\n{fence}\n"


@dataclass
class Cards:
    """Figures in large print: (style, heading, Quantity or text, [lines])."""

    cards: list

    def html(self):
        out = []
        for style, heading, big, lines in self.cards:
            shown = (
                markup.figure(big)
                if isinstance(big, Quantity)
                else f'<span class="value">{escape(big)}</span>'
            )
            rest = "".join(f"<p>{in_html(line)}</p>" for line in lines)
            out.append(
                f'<div class="card {style}"><h4>{escape(heading)}</h4><p class="big">{shown}</p>'
                f"{rest}</div>"
            )
        return f'<div class="cards">{"".join(out)}</div>'

    def markdown(self):
        return "".join(
            f"- **{_plain(heading)}**: {in_markdown(big)}"
            + "".join(f"; {in_markdown(line)}" for line in lines)
            + "\n"
            for _, heading, big, lines in self.cards
        )


@dataclass
class Folded:
    """Blocks behind a heading that opens."""

    title: str
    blocks: list

    def html(self):
        inside = "".join(block.html() for block in self.blocks)
        return f"<details open><summary>{escape(self.title)}</summary>{inside}</details>"

    def markdown(self):
        return f"### {_plain(self.title)}\n\n" + "\n".join(one.markdown() for one in self.blocks)


@dataclass
class Section:
    ident: str
    title: str
    blocks: list = field(default_factory=list)

    def html(self):
        name = self.ident
        inside = "".join(block.html() for block in self.blocks)
        return (
            f'<section id="{name}" data-section="{name}" aria-labelledby="{name}-heading">'
            f'<h2 id="{name}-heading">{escape(self.title)}</h2>{inside}</section>'
        )

    def markdown(self):
        inside = "\n".join(block.markdown() for block in self.blocks)
        return f"## {_plain(self.title)}\n\n{inside}"
