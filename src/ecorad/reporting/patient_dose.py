"""A page for one patient about one examination: dose in mSv, as time of background, and what is ionising at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ecorad.factors import Factor
from ecorad.footprint.dose.background import Background
from ecorad.model import InputError, Quantity

from .html import environment
from .messages import messages
from .messages.format import figures, number
from .sections.dose import said_in

NOT_IONISING = frozenset({"MR", "US"})
IONISING = frozenset({"CT", "DX", "CR", "MG", "PX", "XA", "RF", "NM", "PT"})
_FEWEST_FILMS = 2
_DAYS_A_MONTH, _DAYS_A_YEAR = 365 / 12, 365.0


@dataclass(frozen=True, slots=True)
class PatientExam:
    """One examination as its patient is told of it; the page names nobody.

    ``recorded`` are doses as the device wrote them, by the name of the quantity in the statement; ``film`` is the
    typical dose of a chest film in two views, ``typical`` that of an adult's examination like this one.
    """

    modality: str
    body_region: str | None
    effective: Quantity | None
    background: Background
    recorded: Sequence[tuple[str, float]] = field(default=())
    film: Factor | None = None
    typical: Factor | None = None


def patient_page(exam: PatientExam, language: str = "en") -> str:
    """The page as self-contained HTML; no risk of cancer is told, for effective dose does not give one person's.

    Parameters
    ----------
    exam : PatientExam
        What was done.
    language : {"en", "zh", "nl"}
        Of the reader.

    Raises
    ------
    InputError
        ``ecorad.dose.modality`` for a modality of which it is not known whether it ionises.
    """
    if exam.modality not in NOT_IONISING | IONISING:
        raise InputError(f"it is not known whether {exam.modality} ionises", code="ecorad.dose.modality")
    catalogue = messages(language)
    paragraphs = [catalogue.text("patient_dose.uses" if exam.modality in IONISING else "patient_dose.uses_none")]
    if exam.modality in IONISING:
        paragraphs += _told(exam, language)
    paragraphs += [catalogue.text("patient_dose.not_ionising"), catalogue.text("patient_dose.questions")]
    kind = catalogue.named("modality", exam.modality)
    region = f", {catalogue.named('region', exam.body_region)}" if exam.body_region else ""
    page = environment().get_template("patient_dose.html.j2")
    text = page.render(
        language=language,
        title=catalogue.text("patient_dose.title"),
        examination=f"{catalogue.text('patient_dose.examination')}: {kind}{region}",
        paragraphs=paragraphs,
    )
    return text.rstrip("\n") + "\n"


def _told(exam: PatientExam, language: str) -> list[str]:
    catalogue = messages(language)
    locale = catalogue.locale
    told = []
    dose = exam.effective
    if dose is None or dose.value is None:
        told.append(catalogue.text("patient_dose.unknown"))
    else:
        written = figures(dose.value, dose.low, dose.high, locale)
        told.append(catalogue.text("patient_dose.dose", dose=written.value, low=written.low, high=written.high))
        told += comparators(dose, exam.background, exam.film, language)
        if exam.typical is not None:
            told.append(_typical(exam.typical, language))
    if exam.recorded:
        records = catalogue.text("list_gap").join(
            f"{catalogue.text(f'dose.{name}')} {said_in(locale, name, value)}" for name, value in exam.recorded
        )
        told.append(catalogue.text("patient_dose.written", records=records))
    return told


def _typical(row: Factor, language: str) -> str:
    """What adults usually get, as published; whether this patient's dose was right it does not tell."""
    catalogue = messages(language)
    low, high = row.interval95
    written = figures(row.value, low, high, catalogue.locale)
    return catalogue.text("patient_dose.typical", dose=written.value, low=written.low, high=written.high)


def comparators(dose: Quantity, background: Background, film: Factor | None, language: str) -> list[str]:
    """What a known dose is like: time of natural background, and chest films where it is two or more; both computed.

    There is no other: flights and habits have no verified source at hand.
    """
    catalogue = messages(language)
    locale = catalogue.locale
    told = [
        catalogue.text(
            "patient_dose.background",
            time=_time(background.days(dose) or 0.0, language),
            rate=number(background.factor.value, locale),
            place=catalogue.text("patient_dose.place_world" if background.issue else "patient_dose.place_country"),
        )
    ]
    ratio = 0.0 if film is None or dose.value is None else dose.value / film.value
    if film is not None and ratio >= _FEWEST_FILMS:
        films, each = number(ratio, locale, 2), number(film.value, locale)
        told.append(catalogue.text("patient_dose.films", n=films, each=each))
    return told


def _time(days: float, language: str) -> str:
    """Days, months or years, whichever is read at a glance."""
    catalogue = messages(language)
    if days < 1:
        return catalogue.text("patient_dose.less_than_day")
    if days < 2 * _DAYS_A_MONTH:
        return catalogue.counted("patient_dose.days", round(days))
    if days < 2 * _DAYS_A_YEAR:
        return catalogue.counted("patient_dose.months", round(days / _DAYS_A_MONTH))
    return catalogue.counted("patient_dose.years", round(days / _DAYS_A_YEAR))
