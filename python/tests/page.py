# SPDX-License-Identifier: BSD-3-Clause
"""What a page must hold: `faults(html)` lists everything that is wrong with it."""

import re
import xml.etree.ElementTree as xml
from html.parser import HTMLParser

from crossjoule.quantity import KINDS
from crossjoule.report.html import KIND_WORDS

SECTIONS = (
    "headline",
    "published",
    "sweep",
    "detection",
    "training",
    "energy",
    "analog",
    "points",
    "provenance",
)
PLOTS = (
    "plot-latency",
    "plot-throughput",
    "plot-joules-system",
    "plot-joules-chip",
    "plot-joules-device",
    "plot-loss-1",
    "plot-auc",
    "plot-energy-1",
    "plot-analog",
)
SHOWN = {**KIND_WORDS, "published": "published"}
#: Elements and attributes that make a browser fetch something.
LOADING = {
    "script",
    "link",
    "img",
    "iframe",
    "object",
    "embed",
    "video",
    "audio",
    "source",
    "base",
    "image",
}
FETCHING = {"src", "srcset", "data", "action", "poster", "background", "formaction"}
VOID = {"meta", "br", "hr", "wbr"}


class Page(HTMLParser):
    """Sections, ids, figures with their visible text, references, nesting errors."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.sections, self.ids, self.references, self.figures, self.faults = [], [], [], [], []
        self.open, self.figure_depth, self.figure_text = [], None, ""
        self.captions = self.images = self.plots = 0
        self.feed(text)
        self.close()
        self.faults += [f"<{tag}> is never closed" for tag in self.open]

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag in LOADING:
            self.faults.append(f"<{tag}> loads something")
        for name, value in attributes:
            if name in FETCHING or (
                name in ("href", "xlink:href") and not (value or "").startswith("#")
            ):
                self.faults.append(f"{tag} {name}={value} leaves the page")
            if name.startswith("on"):
                self.faults.append(f"{tag} runs a script")
            if "url(" in (value or "") and not re.search(r"url\(#", value):
                self.faults.append(f"{tag} {name}={value} loads something")
        if "data-section" in values:
            self.sections.append(values["data-section"])
        if "id" in values:
            self.ids.append(values["id"])
        for name in ("href", "xlink:href"):
            if (values.get(name) or "").startswith("#"):
                self.references.append(values[name][1:])
        for value in values.values():
            self.references += re.findall(r"url\(#([^)]+)\)", value or "")
        self.references += (values.get("aria-labelledby") or "").split()
        self.plots += tag == "figure"
        self.captions += tag == "figcaption"
        if tag == "svg":
            self.images += values.get("role") == "img" and "aria-labelledby" in values
        if "figure" in (values.get("class") or "").split():
            self.figure_depth, self.figure_text = len(self.open), ""
            self.figures.append([values.get("data-kind"), ""])
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self.open[-1:] or 'nothing'}")
            return
        self.open.pop()
        if self.figure_depth == len(self.open):
            self.figures[-1][1] = self.figure_text
            self.figure_depth = None

    def handle_data(self, data):
        if self.figure_depth is not None:
            self.figure_text += data


def faults(text, sections=SECTIONS, plots=PLOTS):
    """Every fault of a page as one line; [] for a page that is complete and self-contained."""
    page = Page(text)
    found = list(page.faults)
    found += [f"no section {name}" for name in sections if name not in page.sections]
    found += [f"no plot {name}" for name in plots if name not in page.ids]
    found += [
        f"id {name} is used twice" for name in sorted(set(page.ids)) if page.ids.count(name) > 1
    ]
    found += [f"#{name} points nowhere" for name in sorted(set(page.references) - set(page.ids))]
    for kind, words in page.figures:
        if kind not in (*KINDS, "published"):
            found.append(f"a figure has the kind {kind}: {words}")
        elif SHOWN[kind] not in words:
            found.append(f"a figure is not labelled {kind}: {words}")
    svgs = re.findall(r"<svg\b.*?</svg>", text, flags=re.S)
    found += [fault for svg in svgs for fault in svg_faults(svg)]
    if not len(svgs) == page.images == page.plots == page.captions:
        found.append(
            f"{len(svgs)} svg, {page.images} with a label, {page.plots} plots, {page.captions}"
            " captions"
        )
    if "@import" in text or re.search(r"url\(\s*['\"]?(?!#)", text):
        found.append("the style loads something")
    return found


def svg_faults(svg):
    """A plot must be XML, have a title and a description, and show every series with its kind."""
    try:
        root = xml.fromstring(svg)
    except xml.ParseError as error:
        return [f"a plot is not XML: {error}"]
    space = "{http://www.w3.org/2000/svg}"
    name = root.get("id", "?")
    found = [
        f"{name} has no {child}"
        for child in ("title", "desc")
        if not (root.findtext(space + child) or "").strip()
    ]
    words = " ".join("".join(node.itertext()) for node in root.iter(space + "text"))
    if not words.strip():
        found.append(f"{name} holds no text")
    if re.search(r"nan|inf\b", svg):
        found.append(f"{name} draws a number that is none")
    if ("joules" in name or "analog" in name or "energy" in name) and not any(
        word in words for word in KIND_WORDS.values()
    ):
        found.append(f"{name} shows joules without a kind")
    return found
