# SPDX-License-Identifier: BSD-3-Clause
"""The results of the study as Markdown, for its README: results.py RECORD.h5 ...

Prints, per network, the headline table (every boundary, with intervals and kinds) and the table of
AUC and true-positive rates. Ratios follow the rules of `crossjoule compare`.
"""

import sys

import crossjoule
from crossjoule.quantity import digits, text
from crossjoule.report.chapter import gather
from crossjoule.report.detection import ROOT, read
from crossjoule.report.headline import NOTHING_MEASURED, in_headline


def ratio(figure):
    if figure is None:
        return "-"
    return f"{digits(figure.value)} [{digits(figure.low)}, {digits(figure.high)}]"


def headline(chapter):
    if not chapter.points:
        return
    if not chapter.comparison.any_measured:
        print(f"**{NOTHING_MEASURED}**\n")
    print(
        "| boundary | platform, mode | batch | latency | samples/s | J/sample | kind | energy: best"
        " digital / this | time: fastest digital / this |\n|---|---|---|---|---|---|---|---|---|"
    )
    for boundary, lines in chapter.comparison.lines.items():
        for line in lines:
            if not in_headline(line, lines):
                continue
            point = line.point
            partial = " + missing terms" if point.missing_terms else ""
            cells = [
                boundary,
                f"{point.platform}, {point.mode}",
                str(point.batch),
                text(point.latency),
                text(point.seconds_per_sample.inverse("1/s")),
                text(line.joules) + partial,
                line.joules.kind,
                ratio(line.energy_to_best),
                ratio(line.time_to_best),
            ]
            print("| " + " | ".join(cells) + " |")
    print()


def detection(record):
    signals = read(record)
    rates = list(dict.fromkeys(rate for entry in signals.values() for rate in entry["rates"]))
    print("| signal | AUC | " + " | ".join(f"TPR at FPR {rate:g}" for rate in rates) + " |")
    print("|---" * (2 + len(rates)) + "|")
    for name, entry in signals.items():
        low, value, high = entry["auc"]
        cells = [name, f"{value:.4f} [{low:.4f}, {high:.4f}]"]
        for rate in rates:
            *ends, refused = entry["rates"][rate]
            low, value, high = (100 * end for end in ends)
            cells.append(
                "refused" if refused else f"{digits(value)} [{digits(low)}, {digits(high)}] %"
            )
        print("| " + " | ".join(cells) + " |")
    print()


def main(paths):
    if not paths:
        raise SystemExit(__doc__)
    for chapter in gather([crossjoule.open_record(path) for path in paths]):
        print(f"### {chapter.name} ({chapter.network.digest})\n")
        headline(chapter)
        for record in chapter.records:
            if record.exists(f"{ROOT}/signal"):
                detection(record)


if __name__ == "__main__":
    main(sys.argv[1:])
