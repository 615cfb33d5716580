"""Contrast agents as technologists write them: "11 ml Omniscan", "ISOVUE300/100", "Omni 350 100cc"."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files

GD_MG_PER_MMOL = 157.25  # standard atomic weight of gadolinium [g/mol]
_IODINE_STRENGTH_MG_ML = (100.0, 500.0)
_MAX_TEXT_VOLUME_ML = 2000.0

_NONE = frozenset(
    "none|no|nil|n/a|na|n|-|--|.|0|without|w/o|without contrast|no contrast|non contrast|noncontrast|plain|native|"
    "unenhanced|not given|no iv contrast|no iv|ohne|ohne km|nativ|kein|keine|keines|zonder|zonder contrast|geen|blanco|"
    "blanc|sans|sans contraste|aucun|sin|sin contraste|ninguno|no contraste|"
    "无|平扫|未用".split("|")
)
_OTHER_FLUID = (
    r"(?:saline|nacl|ns|chaser|flush|kochsalz|salzl[oö]sung|fysiologisch|zoutoplossing|"
    r"s[eé]rum|suero|water|wasser|生理盐水)"
)
_NUMBER = r"(\d+(?:[.,]\d+)?)"
_PER = r"(?!\s*(?:/|per|p\.?\s?s|·)\s*(?:s|sec|min|kg|h)\b)"  # a flow or a dose per weight is no volume
_VOLUME = re.compile(rf"(?<![\d.,]){_NUMBER}\s*(?:ml|mls|cc|ccm|cm3|milliliters?|毫升)(?![a-z]){_PER}")
_SALINE = re.compile(rf"{_NUMBER}?\s*(?:ml|cc)?\s*(?:of\s+)?{_OTHER_FLUID}\b(?:\s*{_NUMBER}\s*(?:ml|cc))?")
_MG_ML = re.compile(rf"{_NUMBER}\s*(?:mg|mgi|mg\s?i|mg\s?iod\w*)\s*/\s*ml")
_MMOL_ML = re.compile(rf"{_NUMBER}\s*(?:mmol|mol)(?:\s*gd)?\s*/\s*(ml|l)\b|{_NUMBER}\s*m\b(?!l)")
# "300", " 350", "-370", "300/100" right after a name; not "100 ml", not "1.5".
_STRENGTH = re.compile(
    rf"[\s\-:(]*(\d{{3}})(?!\d|[.,]\d|\s*(?:ml|cc))\)?(?:\s*[/x×\-]\s*{_NUMBER}(?!\d|[.,]\d|\s*mg))?"
)
# A strength behind a slash that nobody injects as a volume.
_NO_VOLUME_ML = 250.0
# "300 or 350": the text does not say which.
_OTHER_STRENGTH = re.compile(
    r"\)?\s*(?:or|oder|of|ou|o|and|und|en|et|或|&|\+|,|;)\s*\(?(\d{3})(?!\d|[.,]\d|\s*(?:ml|cc))"
)
_PARTS = re.compile(
    rf"(?:ml|cc)\s*(?:\+|&)\s*{_NUMBER}\s*(?:ml|cc)\b|(?<![\d.,])[2-9]\s*[x×*]\s*{_NUMBER}\s*(?:ml|cc)\b"
)
_ROUTE = re.compile(r"\b(iv|i\.v\.?|intravenous|oral|po|per os|rectal|intraarterial|ia|oraal|orale|静脉|口服)\b")


@dataclass(frozen=True, slots=True)
class Agent:
    """One row of the table of names."""

    name: str
    agent: str
    kind: str
    gd_mmol_per_ml: float | None
    strengths_mg_ml: frozenset[float]


@dataclass(frozen=True, slots=True)
class Written:
    """What a text says; ``None`` is what it does not say.

    Parameters
    ----------
    agent, kind : str or None
        Product or substance, and ``iodine``, ``gadolinium``, ``sf6``, ``barium`` or ``other``.
    concentration_mg_ml : float or None
        Iodine or gadolinium per mL. [mg/mL]
    concentration_source : {"text", "product table"} or None
        Whether the text has it, or the product has only this one.
    volume_ml : float or None
        [mL]
    has_unit : bool
        Whether the volume was written with its unit.
    is_ambiguous : bool
        Whether the text means more than one thing.
    kinds : frozenset of str
        Every kind that is named.
    says_none : bool
        Whether the text says that none was given. "Unknown" does not: something may have been.
    """

    agent: str | None = None
    kind: str | None = None
    concentration_mg_ml: float | None = None
    concentration_source: str | None = None
    volume_ml: float | None = None
    has_unit: bool = False
    is_ambiguous: bool = False
    kinds: frozenset[str] = frozenset()
    says_none: bool = False


@lru_cache(4096)  # the images of a study repeat it
def parse_agent_text(text: str) -> Written:
    """What a ContrastBolusAgent text says.

    >>> w = parse_agent_text("11 ml Omniscan"); w.agent, w.kind, w.volume_ml, w.concentration_mg_ml
    ('Omniscan', 'gadolinium', 11.0, 78.625)
    >>> w = parse_agent_text("ISOVUE300/100"); w.agent, w.concentration_mg_ml, w.volume_ml, w.has_unit
    ('Isovue', 300.0, 100.0, False)
    >>> parse_agent_text("Omnipaque or Gadovist").is_ambiguous
    True
    """
    plain = " ".join(text.casefold().replace("®", " ").replace("™", " ").replace("_", " ").split())
    if plain in _NONE:
        return Written(says_none=True)
    plain = _SALINE.sub(" ", plain)
    found, rest = _agents(plain)
    volume, has_unit, two_volumes = _volume(plain)
    kinds = frozenset(agent.kind for agent in found)
    if len(kinds) > 1 or len({agent.agent for agent in found}) > 1:
        return Written(kind=next(iter(kinds)) if len(kinds) == 1 else None, is_ambiguous=True, kinds=kinds)
    if not found:
        routes = {match.group(1)[0] for match in _ROUTE.finditer(plain)}
        return Written(volume_ml=volume, has_unit=has_unit, is_ambiguous=two_volumes or len(routes) > 1)
    agent = found[0]
    if two_volumes:  # two injections, maybe of two strengths: the text does not say which is which
        return Written(agent.agent, agent.kind, is_ambiguous=True, kinds=kinds)
    concentration, source, after = _concentration(agent, plain, rest)
    return Written(
        agent.agent, agent.kind, concentration, source, after if volume is None else volume, has_unit, kinds=kinds
    )


@lru_cache(4096)
def parse_product_text(text: str) -> Written:
    """What the name of a product in a formulary says: a strength it is not sold in is that of the salt.

    >>> parse_product_text("iohexol 388 MG/ML Injectable Solution").concentration_mg_ml is None
    True
    >>> parse_product_text("iohexol 350 MG/ML").concentration_mg_ml
    350.0
    """
    written = parse_agent_text(text)
    sold = {one for agent in agents() if agent.agent == written.agent for one in agent.strengths_mg_ml}
    if written.kind != "iodine" or written.concentration_mg_ml is None or written.concentration_mg_ml in sold:
        return written
    return replace(written, concentration_mg_ml=None, concentration_source=None)


@cache
def agents() -> tuple[Agent, ...]:
    """The table of names, longest first, so that ``iopamiron`` is not read as ``iopamiro``."""
    content = (files(__package__) / "contrast_agents.csv").read_text("utf-8").splitlines()
    rows = [
        Agent(
            row["name"],
            row["agent"],
            row["kind"],
            float(row["gd_mmol_per_ml"]) if row["gd_mmol_per_ml"] else None,
            frozenset(float(strength) for strength in row["strengths_mg_ml"].split()),
        )
        for row in csv.DictReader(content)
    ]
    return tuple(sorted(rows, key=lambda agent: (-len(agent.name), agent.name)))


@cache
def _pattern() -> re.Pattern[str]:
    # A name may be glued to its strength (ISOVUE300) but not to letters (gd is not part of "gdansk").
    ascii_names = "|".join(re.escape(agent.name) for agent in agents() if agent.name.isascii())
    other_names = "|".join(re.escape(agent.name) for agent in agents() if not agent.name.isascii())
    omni = r"\bomni(?=\W*\d{3}\b)"  # only before a strength: Omniscan is not sold by such a number
    return re.compile(rf"(?<![^\W\d_])(?:{ascii_names})(?![^\W\d_])|(?:{other_names})|{omni}")


def _agents(plain: str) -> tuple[list[Agent], str]:
    """Agents named in the text in order, specific names before substances, and the text after the first."""
    by_name = {agent.name: agent for agent in agents()}
    by_name["omni"] = by_name["omnipaque"]
    found: list[Agent] = []
    rest = ""
    for match in _pattern().finditer(plain):
        found.append(by_name[match.group()])
        rest = rest or plain[match.end() :]
    products = [agent for agent in found if agent.agent != agent.kind]
    kinds = {agent.kind for agent in products}
    # "Omnipaque iodine" names one thing twice; "Omnipaque barium" names two.
    return ([*products, *(agent for agent in found if agent.kind not in kinds)] if products else found), rest


def _volume(plain: str) -> tuple[float | None, bool, bool]:
    """The one volume with a unit, whether it had one, and whether there were several."""
    volumes = {_float(match.group(1)) for match in _VOLUME.finditer(plain)}
    # "50 ml + 50 ml" and "2 x 50 ml" may be a hundred, or fifty of each of two syringes.
    if len(volumes) > 1 or _PARTS.search(plain):
        return None, True, True
    volume = volumes.pop() if volumes else None
    return (volume if volume and volume <= _MAX_TEXT_VOLUME_ML else None), volume is not None, False


def _concentration(agent: Agent, plain: str, rest: str) -> tuple[float | None, str | None, float | None]:
    """Concentration [mg/mL], where it came from, and the bare number after it ("300/100"), which is a volume [mL]."""
    if agent.kind == "gadolinium":
        mmol_ml = _mmol_ml(plain)
        source = "product table" if mmol_ml is None else "text"
        mmol_ml = agent.gd_mmol_per_ml if mmol_ml is None else mmol_ml
        return (None, None, None) if mmol_ml is None else (mmol_ml * GD_MG_PER_MMOL, source, None)
    if agent.kind != "iodine":
        return None, None, None
    written = _MG_ML.search(plain)
    if written is not None and _IODINE_STRENGTH_MG_ML[0] <= _float(written.group(1)) <= _IODINE_STRENGTH_MG_ML[1]:
        return _float(written.group(1)), "text", None
    glued = _STRENGTH.match(rest)
    if glued is None or float(glued.group(1)) not in agent.strengths_mg_ml or _has_two_strengths(agent, glued, rest):
        return None, None, None
    after = _float(glued.group(2)) if glued.group(2) else None
    return float(glued.group(1)), "text", after if after and 1 <= after <= 500 else None


def _has_two_strengths(agent: Agent, glued: re.Match[str], rest: str) -> bool:
    """Whether another strength of the agent stands beside the first: "300 or 350", "300/370"."""
    other = _OTHER_STRENGTH.match(rest, glued.end(1))
    if other is not None:
        return float(other.group(1)) in agent.strengths_mg_ml - {float(glued.group(1))}
    after = _float(glued.group(2)) if glued.group(2) else 0.0
    return after >= _NO_VOLUME_ML and after in agent.strengths_mg_ml


def _mmol_ml(plain: str) -> float | None:
    match = _MMOL_ML.search(plain)
    if match is None:
        return None
    value = _float(match.group(1) or match.group(3))
    value = value / 1000.0 if match.group(2) == "l" else value
    return value if value in {0.25, 0.5, 1.0} else None


def _float(text: str) -> float:
    return float(text.replace(",", "."))
