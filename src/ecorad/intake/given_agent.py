"""What a medication record says was given: a contrast agent with its volume, or another medicine, which is left unread.

An agent is known by a code (ATC, SNOMED CT) or by its name. The name of a product is no dose: "150 ML iohexol 350
MG/ML" is a bottle, so a volume comes from the dose alone. A mass as dose is not used: nobody says whether it is that of
the iodine or of its salt.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from . import ucum
from .agent_words import GD_MG_PER_MMOL, MAX_ML, STRENGTHS_MG_ML, AgentWords, ReadAgent

NOT_CONTRAST = "ecorad.medication.not_contrast"
RADIOPHARMACEUTICAL = "ecorad.medication.radiopharmaceutical"
AMBIGUOUS = "ecorad.medication.ambiguous"
NO_DOSE, UNIT, MASS = "ecorad.medication.no_dose", "ecorad.medication.unit", "ecorad.medication.mass"
IMPLAUSIBLE, STRENGTH = "ecorad.medication.implausible", "ecorad.medication.strength"
# An injection is not smaller, down to that of a newborn: below it the number was written in litres. [mL]
_LEAST_ML = 0.1
_SYSTEMS = {
    "http://www.whocc.no/atc": "atc",
    "http://www.whocc.no/atcindex": "atc",
    "urn:oid:2.16.840.1.113883.6.73": "atc",
    "atc": "atc",
    "http://snomed.info/sct": "sct",
    "urn:oid:2.16.840.1.113883.6.96": "sct",
    "sct": "sct",
    "snm": "sct",
}
_UNIT_WORDS = {
    **dict.fromkeys(("milliliter", "milliliters", "millilitre", "millilitres", "mls", "ccm", "毫升"), "mL"),
    **dict.fromkeys(("liter", "litre", "liters", "litres"), "L"),
    **dict.fromkeys(("millimole", "millimoles"), "mmol"),
    **dict.fromkeys(("gram", "grams", "gm"), "g"),
}
# "Povidone-iodine" is no contrast agent: the name of the element alone does not make one.
_SAYS_CONTRAST = re.compile(r"contrast|kontrast|造影|对比", re.IGNORECASE)
_RADIOACTIVE = "radiopharmaceutical"
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Dose:
    """A dose as written: an amount with its unit, or a text of how much was given."""

    amount: float | None = None
    unit: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """A contrast agent that was given; ``None`` is what the record does not say. [mg/mL, mL]"""

    agent: str | None
    kind: str | None
    concentration_mg_ml: float | None
    volume_ml: float | None
    confidence: str


def read_given(
    codings: Iterable[tuple[str | None, str | None]],
    texts: Sequence[str],
    dose: Dose,
    read_agent: ReadAgent,
    tell: Tell,
) -> Given | None:
    """What was given, or ``None`` for a medicine that is no contrast agent; of a radiopharmaceutical that is told.

    Parameters
    ----------
    codings : iterable of (system, code)
        As the record writes them.
    texts : sequence of str
        Names of the medicine, the best first.
    dose : Dose
        How much.
    read_agent : callable
        Reads the name of a product.
    tell : callable
        Is called with the code of whatever could not be used.

    Examples
    --------
    >>> from ecorad.intake.dicom.contrast_text import parse_product_text
    >>> told = []
    >>> read_given([("atc", "V08AB02")], ["Omnipaque 350"], Dose(90.0, "mL"), parse_product_text, told.append)
    Given(agent='Omnipaque', kind='iodine', concentration_mg_ml=350.0, volume_ml=90.0, confidence='high')
    >>> read_given([], ["Gadovist"], Dose(7.5, "mmol"), parse_product_text, told.append).volume_ml
    7.5
    >>> read_given([], ["paracetamol 500 mg"], Dose(2.0, "{tablet}"), parse_product_text, told.append) is None, told
    (True, ['ecorad.medication.not_contrast'])
    """
    coded = {kind for kind in (_kind_of(system, code) for system, code in codings) if kind is not None}
    words = [
        found
        for text in texts
        if (found := read_agent(text)).kinds
        and (coded or found.agent != found.kind or len(found.kinds) > 1 or _SAYS_CONTRAST.search(text))
    ]
    kinds = coded.union(*(found.kinds for found in words))
    if _RADIOACTIVE in kinds or (not kinds and ucum.factor(dose.unit or "", "UCUM", "MBq") is not None):
        tell(RADIOPHARMACEUTICAL)
        return None
    if not kinds:
        tell(NOT_CONTRAST)
        return None
    names = {found.agent for found in words if found.agent is not None and found.agent != found.kind}
    kind = kinds.pop() if len(kinds) == 1 else None
    if kind is None:
        tell(AMBIGUOUS)
        return Given(None, None, None, None, "low")
    strength = _strength(words, kind, tell)
    volume_ml, confidence = _volume(dose, kind, strength, read_agent, tell)
    return Given(_best(words, names), kind, strength, volume_ml, confidence)


def _best(words: Sequence[AgentWords], names: set[str]) -> str | None:
    """The first product named; the name of the element where there is no other."""
    return next((found.agent for found in words if found.agent in names), words[0].agent if words else None)


def _strength(words: Sequence[AgentWords], kind: str, tell: Tell) -> float | None:
    """Iodine or gadolinium per mL, if the names agree about it. [mg/mL]"""
    found = {one.concentration_mg_ml for one in words if one.concentration_mg_ml is not None}
    if len(found) > 1:
        tell(STRENGTH)
        return None
    strength = found.pop() if found else None
    low, high = STRENGTHS_MG_ML.get(kind, (0.0, math.inf))
    return strength if strength is None or low <= strength <= high else None


def _volume(
    dose: Dose, kind: str, strength: float | None, read_agent: ReadAgent, tell: Tell
) -> tuple[float | None, str]:
    """Volume and how far it is to be trusted. [mL]"""
    volume_ml, confidence = _measured(dose, kind, strength, tell), "high"
    if dose.amount is None and dose.text is not None:
        volume_ml, confidence = getattr(read_agent(dose.text), "volume_ml", None), "low"
    if volume_ml is None:
        if dose.amount is None:
            tell(NO_DOSE)
        return None, "low"
    if not (math.isfinite(volume_ml) and _LEAST_ML <= volume_ml <= MAX_ML):
        tell(IMPLAUSIBLE)
        return None, "low"
    return volume_ml, confidence


def _measured(dose: Dose, kind: str, strength: float | None, tell: Tell) -> float | None:
    if dose.amount is None:
        return None
    unit = _UNIT_WORDS.get((dose.unit or "").strip().lower(), (dose.unit or "").strip())
    factor = ucum.factor(unit, "UCUM", "mL")
    if factor is not None:
        return dose.amount * factor
    amount = ucum.factor(unit, "UCUM", "mmol")
    if amount is not None and kind == "gadolinium" and strength is not None:
        return dose.amount * amount * GD_MG_PER_MMOL / strength
    tell(MASS if amount is not None or ucum.factor(unit, "UCUM", "mg") is not None else UNIT)
    return None


def _kind_of(system: str | None, code: str | None) -> str | None:
    """The kind that a code stands for; of ATC its longest part that the table has."""
    name = _SYSTEMS.get((system or "").strip().rstrip("/").lower())
    if name is None or not code:
        return None
    written = code.strip().upper()
    lengths = range(len(written), 2, -1) if name == "atc" else (len(written),)
    return next((kind for n in lengths if (kind := _table().get((name, written[:n]))) is not None), None)


@cache
def _table() -> dict[tuple[str, str], str]:
    text = (files(__package__) / "coded_agents.csv").read_text("utf-8").splitlines()
    return {(row["system"], row["code"]): row["kind"] for row in csv.DictReader(text)}
