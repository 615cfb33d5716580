"""Contrast as an object writes it: elements where they are filled, the technologist's text where they are not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .clock import Clock, Clocks
from .contrast_text import GD_MG_PER_MMOL, Written, parse_agent_text
from .facts import IMPLAUSIBLE, Facts

AMBIGUOUS = "ecorad.contrast.ambiguous"
_MAX_VOLUME_ML = 3000.0  # of a barium meal; an injection stays far below
# Less than any injection, down to those of a newborn or into a joint: written in L. [mL]
_LEAST_ML = {"iodine": 0.3}
_LEAST_ML_OF_ANY = 0.1
# The element is in mg/mL; the most diluted iodine that is drunk has more, so less was written in g/mL.
_LEAST_MG_ML = 1.0
_INGREDIENTS = {"IODINE": "iodine", "GADOLINIUM": "gadolinium", "BARIUM": "barium", "CARBON DIOXIDE": "other"}
# PS3.16 CID 13, by scheme and value; SRT is what SCT was called by before 2020.
_INGREDIENT_CODES: dict[tuple[str | None, str | None], str] = {
    ("SCT", "44588005"): "iodine",
    ("SRT", "C-11400"): "iodine",
    ("SCT", "58281002"): "gadolinium",
    ("SRT", "C-17800"): "gadolinium",
    ("SCT", "39290007"): "barium",
    ("SCT", "31811003"): "other",
}
_LATEST_AFTER = timedelta(hours=12)
_ANY = (
    "ContrastBolusAgent",
    "ContrastBolusAgentSequence",
    "ContrastBolusVolume",
    "ContrastBolusTotalDose",
    "ContrastBolusIngredient",
)


@dataclass(frozen=True, slots=True)
class _Volume:
    ml: float
    origin: str
    confidence: str


def is_contrasted(facts: Facts) -> bool:
    """Whether anything is written about a contrast agent."""
    return any(map(facts.has, _ANY))


def read_contrast(facts: Facts) -> dict[str, Any]:
    """Fields of :class:`~ecorad.model.Instance` about the contrast agent but its time; empty when nothing is written.

    Notes
    -----
    Volume: TotalDose (0018,1044, undiluted) > Volume (0018,1041, perhaps diluted) > the agent text; 0 means "not
    recorded". Concentration: (0018,1049) > the text > the product, where it is sold in one strength only. Confidence
    is high for TotalDose, medium for Volume or a text with unit, low for a text without unit ("ISOVUE300/100") and
    where there is no volume; header values are often a protocol's default.
    """
    if not is_contrasted(facts):
        return {}
    inner = facts.item("ContrastBolusAgentSequence")
    levels = [facts] if inner is None else [facts, inner]
    written = _written(facts, inner)
    if written.is_ambiguous:
        facts.note(AMBIGUOUS, "ContrastBolusAgent")
    kind = _kind(facts, levels, written)
    volume = _believable(facts, _volume(levels, written), kind)
    concentration, source = _concentration(facts, levels, kind, written)
    if written.agent is None and kind is None and volume is None:
        # "YES", or a name not known: something was given, and whoever judges intervals must know that of it no more is.
        return {} if written.says_none else {"contrast_confidence": "low"}
    origin = [] if volume is None else [volume.origin]
    origin += [] if source is None or source == "text" else [f"concentration: {source}"]
    return {
        "contrast_agent": written.agent,
        "contrast_kind": kind,
        "contrast_concentration_mg_ml": concentration,
        "contrast_volume_ml": None if volume is None else volume.ml,
        "contrast_origin": "; ".join(origin) or None,
        "contrast_confidence": _confidence(volume, kind),
    }


def read_contrast_start(facts: Facts, clock: Clock, clocks: Clocks, volume_ml: float | None) -> datetime | None:
    """When the injection began; unknown where no volume is, as a time alone is often a protocol's."""
    if clocks.start is None or volume_ml is None:
        return None
    reference = clocks.acquisition or clocks.start
    start = clock.on_day_of(reference, "ContrastBolusStartTime", facts, latest_after=_LATEST_AFTER)
    return None if start is None else start.utc


def _written(facts: Facts, inner: Facts | None) -> Written:
    """What the agent text says; an enhanced object has the meaning of a code instead."""
    text = facts.text("ContrastBolusAgent") or (None if inner is None else inner.text("CodeMeaning"))
    return Written(says_none=True) if text is None else parse_agent_text(text)


def _kind(facts: Facts, levels: list[Facts], written: Written) -> str | None:
    stated = {_INGREDIENTS.get((facts.first("ContrastBolusIngredient") or "").upper())}
    for level in levels:
        for code in level.items("ContrastBolusIngredientCodeSequence"):
            stated.add(_INGREDIENT_CODES.get((code.first("CodingSchemeDesignator"), code.first("CodeValue"))))
    kinds = {kind for kind in (*stated, written.kind) if kind is not None}
    if len(kinds) > 1:
        facts.note(AMBIGUOUS, "ContrastBolusIngredient", "ingredient and agent differ")
    return kinds.pop() if len(kinds) == 1 else None


def _volume(levels: list[Facts], written: Written) -> _Volume | None:
    for keyword, confidence in (("ContrastBolusTotalDose", "high"), ("ContrastBolusVolume", "medium")):
        for level in levels:
            found = level.number(keyword, 0, _MAX_VOLUME_ML, zero=False)
            if found is not None:
                return _Volume(found, keyword, confidence)
    profile = [
        step.number("ContrastBolusVolume", 0, _MAX_VOLUME_ML, zero=False)
        for level in levels
        for step in level.items("ContrastAdministrationProfileSequence")
    ]
    if len(profile) == 1 and profile[0] is not None:  # several phases: which of them are saline is not said
        return _Volume(profile[0], "ContrastBolusVolume", "medium")
    if written.volume_ml is None or written.is_ambiguous:
        return None
    return _Volume(written.volume_ml, "ContrastBolusAgent", "medium" if written.has_unit else "low")


def _believable(facts: Facts, volume: _Volume | None, kind: str | None) -> _Volume | None:
    """A volume as it is, and none where it can only have been written in litres."""
    if volume is None or volume.ml >= _LEAST_ML.get(kind or "", _LEAST_ML_OF_ANY):
        return volume
    facts.note(IMPLAUSIBLE, volume.origin, "perhaps in L")
    return None


def _concentration(
    facts: Facts, levels: list[Facts], kind: str | None, written: Written
) -> tuple[float | None, str | None]:
    """Iodine or gadolinium per mL [mg/mL], and where it came from."""
    if kind not in {"iodine", "gadolinium"}:
        return None, None
    for level in levels:
        found = level.number("ContrastBolusIngredientConcentration", 0, 1000, zero=False)
        if found is not None:
            usable = _usable(found, kind)
            if usable is not None:
                return usable, "ContrastBolusIngredientConcentration"
            why = "perhaps in g/mL" if found < _LEAST_MG_ML else "perhaps of the salt"
            facts.note(IMPLAUSIBLE, "ContrastBolusIngredientConcentration", why)
    if written.kind != kind:
        return None, None
    return written.concentration_mg_ml, written.concentration_source


def _usable(written: float, kind: str) -> float | None:
    """A concentration as mg of the element per mL: gadolinium may be in mmol/mL, and neither is as strong as a salt."""
    if kind == "iodine":
        return written if _LEAST_MG_ML <= written <= 500 else None
    if written in {0.25, 0.5, 1.0}:
        return written * GD_MG_PER_MMOL
    return written if 30 <= written <= 160 else None


def _confidence(volume: _Volume | None, kind: str | None) -> str:
    if volume is None or kind is None:
        return "low"
    return volume.confidence
