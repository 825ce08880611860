# SPDX-License-Identifier: BSD-3-Clause
"""What an energy appendix must hold: `faults(html, markdown)` lists everything that is wrong."""

import re
from html.parser import HTMLParser

import page

#: facts of section 10 of the model text; the others depend on the records.
SECTIONS = (
    "summary",
    "boundary",
    "power",
    "joules",
    "sensors",
    "uncertainty",
    "carbon",
    "level",
    "hardware",
    "work",
    "life-cycle",
    "recompute",
    "impact",
)
PARTS = (
    "statement",
    "power-by-phase",
    "ledger-by-kind",
    "ledger",
    "sensors-read",
    "budget",
    "carbon-table",
    "work-table",
    "recompute-command",
    "impact-statement",
    "bibtex",
)
PLOTS = ("plot-energy-power-1", "plot-energy-joules")
WORDS = ("PUE", "EE HPC WG", "Largest term", "average", "marginal", "embodied", "CO2e", "coverage")
_UNITS = {"": 1.0, "m": 1e-3, "µ": 1e-6, "n": 1e-9, "k": 1e3, "M": 1e6, "G": 1e9}


class Ledger(HTMLParser):
    """Rows of the table `ledger-by-kind`: [(cells, kinds, is_sum)]; a figure is printed text."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.rows, self.depth, self.cell, self.value = [], 0, None, False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag == "table":
            self.depth = int(values.get("id") == "ledger-by-kind")
        if not self.depth:
            return
        if tag == "tr":
            self.rows.append(([], [], values.get("class") == "best"))
        if tag in ("td", "th") and self.rows:
            self.rows[-1][0].append("")
            self.rows[-1][1].append("")
        if "data-kind" in values:
            self.rows[-1][1][-1] = values["data-kind"]
        self.value = "value" in (values.get("class") or "").split() or self.value

    def handle_endtag(self, tag):
        if tag == "table":
            self.depth = 0
        if tag == "span":
            self.value = False

    def handle_data(self, data):
        if self.depth and self.value and self.rows:
            self.rows[-1][0][-1] += data


def _joules(printed):
    number, unit = re.fullmatch(r"([\d.e+-]+)\s*([mµnkMG]?)J?", printed.strip()).groups()
    return float(number) * _UNITS[unit]


def ledger_faults(text):
    """Each column of the ledger is of one kind, and its phases add up to its last row."""
    found = Ledger(text)
    rows, sums = [r for r in found.rows[1:] if not r[2]], [r for r in found.rows if r[2]]
    if len(sums) != 1 or not rows:
        return ["the ledger has no sum"]
    faults = []
    for column, kind in enumerate(sums[0][1]):
        if not kind:
            continue
        kinds = {row[1][column] for row in rows} - {""}
        if kinds - {kind}:
            faults.append(f"column {column} of the ledger mixes {sorted(kinds | {kind})}")
        parts = sum(_joules(row[0][column]) for row in rows if row[1][column])
        whole = _joules(sums[0][0][column])
        if abs(parts - whole) > 0.02 * whole:  # three printed digits
            faults.append(f"column {column} of the ledger: {parts} J of phases, {whole} J in all")
    return faults


def faults(text, markdown, *, sections=SECTIONS, plots=PLOTS):
    """Every fault of an appendix as one line; [] where it is complete."""
    found = page.faults(text, sections=sections, plots=plots)
    ids = page.Page(text).ids
    found += [f"no part {name}" for name in PARTS if name not in ids]
    found += [f"the page never says {word}" for word in WORDS if word not in text]
    found += ledger_faults(text)
    if "DOES NOT CLOSE" in text:
        found.append("the ledger does not close")
    titles = re.findall(r"<h2[^>]*>(.*?)</h2>", text)
    found += [
        f"the Markdown has no {title}" for title in titles if f"\n## {title}\n" not in markdown
    ]
    if re.search(r"<(?!!)[a-z/][^>]*>", re.sub(r"`+[^`]*`+", "", markdown.replace("\\<", ""))):
        found.append("the Markdown holds HTML")
    if re.search(r"\bnan\b|\binf\b", markdown):
        found.append("the Markdown prints a number that is none")
    return found
