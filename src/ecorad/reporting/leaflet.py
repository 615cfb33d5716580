"""A leaflet for patients before an examination: what it uses, how it is prepared, what to tell; sourced facts alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ecorad.factors import Factor, FactorBook, half_life_h
from ecorad.footprint.dose.background import background_of
from ecorad.model import FactorNotFoundError, InputError, Origin, Quantity
from ecorad.rules.catalogue import rule_in_force
from ecorad.rules.rule_set import RuleSet

from .html import environment
from .messages import messages
from .messages.catalogue import Messages
from .messages.format import number
from .patient_dose import IONISING, NOT_IONISING, comparators

CODE = "ecorad.leaflet.request"
RADIATION, CHECKLIST = "special-groups-rimag-2022", "mr-safety-rimag-2022"
BREAST, ARMS = "breast-mri-rimag-2022", "abdominal-mri-arms-rimag-2022"
FILM = "dose.card.xr_chest"
_AGENTS: Mapping[str, frozenset[str]] = {
    "iodine": frozenset({"CT", "XA", "RF"}),
    "gadolinium": frozenset({"MR"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaflet:
    """Which examination a leaflet is about.

    ``exam`` names a typical dose of the factor book, ``nuclide`` the radionuclide of nuclear medicine.
    """

    modality: str
    region: str | None = None
    contrast: str | None = None
    exam: str | None = None
    nuclide: str | None = None
    country: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Sentences, a list under them, and the rule sets and factor rows that they rest on."""

    heading: str
    sentences: tuple[str, ...]
    items: tuple[str, ...]
    sources: tuple[str, ...]


def leaflet(about: Leaflet, book: FactorBook, language: str = "en") -> str:
    """The leaflet as self-contained HTML. It tells no risk, compares with nothing unsourced, and names its sources.

    Parameters
    ----------
    about : Leaflet
        The examination.
    book : FactorBook
        Typical doses, half-lives, natural background, excretion of contrast.
    language : {"en", "zh", "nl"}
        Of the reader.

    Raises
    ------
    InputError
        ``ecorad.leaflet.request`` for an examination that cannot be, or of which a named number is not in the book.

    Examples
    --------
    >>> from ecorad.factors import book
    >>> "mSv" in leaflet(Leaflet(modality="US"), book())
    False
    """
    catalogue = messages(language)
    parts = leaflet_parts(about, book, catalogue)
    region = f", {catalogue.named('region', about.region)}" if about.region else ""
    page = environment().get_template("leaflet.html.j2").render(
        language=language,
        title=f"{catalogue.named('modality', about.modality)}{region}",
        parts=parts,
        closing=catalogue.text("patient_dose.questions"),
        sources_heading=catalogue.text("leaflet.sources"),
        sources=sorted({one for part in parts for one in part.sources}),
    )  # fmt: skip
    return page.rstrip("\n") + "\n"


def leaflet_parts(about: Leaflet, book: FactorBook, catalogue: Messages) -> tuple[Part, ...]:
    """What stands on the leaflet, part by part."""
    _check(about)
    ionises = about.modality in IONISING
    parts = [_radiation(about, book, catalogue, ionises=ionises)]
    if about.modality == "MR":
        parts += _magnet(about, catalogue)
    if about.contrast:
        parts.append(_contrast(about, book, catalogue))
    if ionises:
        rules = rule_in_force(RADIATION)
        sentences = (catalogue.text("leaflet.pregnancy"), catalogue.text("leaflet.child"))
        parts.append(Part(catalogue.text("leaflet.tell"), sentences, (), (rules.id,)))
    return tuple(parts)


def _check(about: Leaflet) -> None:
    if about.modality not in NOT_IONISING | IONISING:
        raise InputError("it is not known whether this modality ionises", code=CODE)
    if about.contrast and about.modality not in _AGENTS.get(about.contrast, frozenset()):
        raise InputError("this contrast is not given for this modality", code=CODE)
    if about.exam and about.modality not in IONISING - {"NM", "PT"}:
        raise InputError("a typical dose is for an examination with X-rays", code=CODE)
    if about.nuclide and about.modality not in {"NM", "PT"}:
        raise InputError("a radionuclide is for nuclear medicine", code=CODE)


def _radiation(about: Leaflet, book: FactorBook, catalogue: Messages, *, ionises: bool) -> Part:
    sources = [rule_in_force(RADIATION).id]
    sentences = [catalogue.text("leaflet.uses" if ionises else "leaflet.uses_none")]
    if about.exam:
        row = _typical(about.exam, book)
        background, film = background_of(about.country, book), film_of(book)
        low, high = row.interval95
        dose = Quantity(row.value, "mSv", low=low, high=high, origin=Origin.DEFAULT, factors=(row.factor_id,))
        sentences.append(catalogue.text("leaflet.typical", dose=number(row.value, catalogue.locale)))
        sentences += comparators(dose, background, film, catalogue.language)
        sources += [row.factor_id, background.factor.factor_id, *([] if film is None else [film.factor_id])]
    if about.nuclide:
        sentences.append(_halved(about.nuclide, book, catalogue))
        sources.append(f"half_life.{about.nuclide}")
    return Part(catalogue.text("leaflet.radiation"), tuple(sentences), (), tuple(sources))


def known_exams(book: FactorBook) -> dict[str, Factor]:
    """Examinations of which the book has a typical dose, by the name that a leaflet is asked with."""
    return {row.factor_id.rsplit(".", maxsplit=1)[-1]: row for row in book.find(quantity="effective_dose")}


def known_nuclides(book: FactorBook) -> tuple[str, ...]:
    """Radionuclides of which the book has a half-life."""
    return tuple(sorted(row.factor_id.removeprefix("half_life.") for row in book.find(quantity="half_life")))


def _typical(exam: str, book: FactorBook) -> Factor:
    rows = known_exams(book)
    if exam not in rows:
        raise InputError(f"no dose is published for that exam; known are {', '.join(sorted(rows))}", code=CODE)
    return rows[exam]


def film_of(book: FactorBook) -> Factor | None:
    """The typical dose of a chest film in two views; ``None`` where the book has none."""
    try:
        return book.get(FILM)
    except FactorNotFoundError:
        return None


def _halved(nuclide: str, book: FactorBook, catalogue: Messages) -> str:
    try:
        hours = half_life_h(nuclide, factor_book=book).value
    except FactorNotFoundError:
        raise InputError("no half-life of that radionuclide is at hand", code=CODE) from None
    unit, per_h = next((one for one in (("days", 1 / 24), ("hours", 1.0)) if hours * one[1] >= 3), ("minutes", 60.0))
    time = catalogue.text(f"leaflet.{unit}", n=number(hours * per_h, catalogue.locale, 2))
    return catalogue.text("leaflet.half_life", nuclide=nuclide, time=time)


def _magnet(about: Leaflet, catalogue: Messages) -> list[Part]:
    questions, rules = questions_of(catalogue.language), rule_in_force(CHECKLIST)
    parts = [
        Part(catalogue.text("leaflet.tell_mr"), (catalogue.text("leaflet.magnet"),), questions, (rules.id,)),
    ]
    if about.region == "breast":
        parts.append(_breast(catalogue))
    if about.region == "abdomen":
        arms = rule_in_force(ARMS)
        parts.append(Part(catalogue.text("leaflet.prepare"), (catalogue.text("leaflet.breath"),), (), (arms.id,)))
    return parts


def questions_of(language: str) -> tuple[str, ...]:
    """What is asked before an MR, in the reader's language."""
    rules = rule_in_force(CHECKLIST)
    return tuple(_question(one, rules, messages(language)) for one in rules.content["questions"])


def breast_items(language: str) -> tuple[str, ...]:
    """What is told before an MR of the breast, in the reader's language; a site's own text stands as written."""
    rules = rule_in_force(BREAST)
    return tuple(
        messages(language).named("leaflet_breast", str(n)) if not rules.signed_by else text
        for n, text in enumerate(rules.content["preparation"], 1)
    )


def _question(one: Mapping[str, str], rules: RuleSet, catalogue: Messages) -> str:
    """A question in the reader's language; a site's own, signed one stands as the site wrote it."""
    key = f"leaflet_mr.{one['id']}"
    return catalogue.text(key) if not rules.signed_by and catalogue.has(key) else one["text"]


def _breast(catalogue: Messages) -> Part:
    rules = rule_in_force(BREAST)
    first, last = rules.content["cycle_days"]
    sentences = (catalogue.text("leaflet.cycle", first=first, last=last),)
    items = breast_items(catalogue.language)
    return Part(catalogue.text("leaflet.prepare"), sentences, items, (rules.id,))


def _contrast(about: Leaflet, book: FactorBook, catalogue: Messages) -> Part:
    agent = catalogue.text(f"leaflet.{about.contrast}")
    sentences = [catalogue.text("leaflet.contrast", agent=agent), catalogue.text("leaflet.contrast_tell")]
    sources = [rule_in_force(CHECKLIST).id]
    try:
        row = book.get(f"contrast.{about.contrast}.excreted.24h")
    except FactorNotFoundError:
        pass
    else:
        low, high = (number(100 * end, catalogue.locale, 2) for end in (row.low, row.high))
        sentences.append(catalogue.text("leaflet.excreted", low=low, high=high))
        sources.append(row.factor_id)
    return Part(catalogue.text("leaflet.contrast_heading"), tuple(sentences), (), tuple(sources))
