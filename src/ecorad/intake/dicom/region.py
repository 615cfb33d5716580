"""Which part of the body: from the coded term, else from the first description that names one."""

from __future__ import annotations

import csv
import re
from functools import cache, lru_cache
from importlib.resources import files

from .facts import Facts

# What is looked at, in this order. Descriptions are read here and nowhere kept: they may hold a patient's name.
_SOURCES = ("BodyPartExamined", "ProtocolName", "SeriesDescription", "StudyDescription")
# These win wherever they stand ("abdomen and lumbar spine" aside, "thoracic spine" is no chest).
_FIRST = ("whole_body", "breast", "spine", "heart")
_GLUED = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])|[_^\d]+")


def body_region(facts: Facts) -> str | None:
    """The region of :class:`~ecorad.model.Instance`; ``other`` for a coded part we have no region for."""
    anatomy = facts.item("AnatomicRegionSequence")
    coded = facts.text("BodyPartExamined")
    texts = [facts.text(keyword) for keyword in _SOURCES]
    if anatomy is not None:
        texts.insert(1, anatomy.text("CodeMeaning"))
    for text in texts:
        region = None if text is None else region_of(text)
        if region is not None:
            return region
    if facts.first("Modality") == "MG":
        return "breast"
    return "other" if coded is not None else None


@lru_cache(4096)  # the objects of a series repeat their descriptions
def region_of(text: str) -> str | None:
    """The region that a text names, the first of several; ``None`` when it names none.

    >>> region_of("CT THORACO-ABDOMINAL"), region_of("LWS nativ"), region_of("头颅平扫"), region_of("CSPINE")
    ('chest', 'spine', 'head', 'spine')
    """
    plain = _GLUED.sub(" ", text).casefold()
    found: dict[str, int] = {}
    for match in _pattern().finditer(plain):
        found.setdefault(_regions()[match.group()], match.start())
    for region in _FIRST:
        if region in found:
            return region
    return min(found, key=lambda region: found[region], default=None)


@cache
def _regions() -> dict[str, str]:
    content = (files(__package__) / "body_regions.csv").read_text("utf-8").splitlines()
    regions: dict[str, str] = {}
    for row in csv.DictReader(content):
        for word in row["words"].split(";"):
            regions.setdefault(word.casefold(), row["region"])
    return regions


@cache
def _pattern() -> re.Pattern[str]:
    words = sorted(_regions(), key=lambda word: (-len(word), word))
    latin = [re.escape(word) for word in words if ord(word[-1]) < 0x2E80]
    chinese = [re.escape(word) for word in words if ord(word[-1]) >= 0x2E80]
    # Long words may be the head or tail of a compound ("Schädelbasis", "Kniegelenk"), short ones stand alone.
    long = [word for word in latin if len(word) >= 5]
    return re.compile(
        rf"(?<![^\W\d_])(?:{'|'.join(long)})|(?:{'|'.join(chinese)})|(?<![^\W\d_])(?:{'|'.join(latin)})(?![^\W\d_])"
    )
