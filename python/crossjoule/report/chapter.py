# SPDX-License-Identifier: BSD-3-Clause
"""The records of one network: what a chapter of the page is made from."""

from dataclasses import dataclass, field

from ..comparison import Comparison, compare
from ..points import GROUP, lines_of
from .html import slug


@dataclass
class Chapter:
    """One network with its records, points and comparison; `published` are rows from elsewhere."""

    network: object
    records: list = field(default_factory=list)
    published: list = field(default_factory=list)
    points: list = field(default_factory=list)
    comparison: Comparison = None
    prefix: str = ""

    @property
    def name(self):
        return self.network.name or "unnamed network"

    def ident(self, name):
        """An id that no other chapter of the page has."""
        return f"{self.prefix}{name}"


def gather(records, published=()):
    """One Chapter per graph digest, in the order the networks appear; ratios never join two
    networks. Records without a network (generated data) belong to no chapter."""
    chapters = {}
    for record in records:
        if record.network is None:
            continue
        chapter = chapters.setdefault(record.network.digest, Chapter(record.network))
        chapter.records.append(record)
        if record.is_group(GROUP):
            chapter.points += lines_of(record)
    found = list(chapters.values())
    for index, chapter in enumerate(found):
        chapter.prefix = f"{slug(chapter.name)}-{index + 1}-" if len(found) > 1 else ""
        chapter.comparison = compare(chapter.points)
        chapter.published = list(published)
    return found
