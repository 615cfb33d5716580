"""How much, and how sure: the opening in words, four figures, the split, the other question, the scopes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup, escape

from ..charts.coverage import Part, captions_fit, coverage
from ..charts.interval_bars import Bar, interval_bar
from ..charts.scale import round_top
from ..messages import number, period_text
from ..page import Picture, Table, csv_href
from ..reader import Reader, Shown
from .scenario import ScenarioNote, scenario_note

CLASSES = ("exams", "gaps", "off_hours", "unexplained")
# More scanners than these are counted in the opening and named where they stand.
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Card:
    """One head figure: its name, what it is of, the figure, its interval drawn, the four words that place it."""

    key: str
    name: str
    note: str
    shown: Shown
    bar: Markup | None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Much:
    """Everything the first screen says."""

    sentences: tuple[Markup, ...]
    is_estimate: bool
    cards: tuple[Card, ...]
    split: Picture | None
    consequential: Shown
    per_exam: tuple[tuple[str, Shown, Shown], ...]
    consequential_note: str
    scopes: Table
    published: Table | None
    scenario: ScenarioNote | None


def much(reader: Reader) -> Much:
    """The first question, answered."""
    totals = reader.statement["totals"]
    return Much(
        sentences=tuple(_opening(reader)),
        is_estimate=totals["devices_metered"] == 0,
        cards=_cards(reader),
        split=_split(reader),
        consequential=reader.shown(totals["co2e_kg"]["consequential"]),
        per_exam=tuple(
            (
                reader.named("modality", row["modality"]),
                reader.shown(marginal, per_exam=False),
                reader.shown(carbon, per_exam=False),
            )
            for row in reader.statement["modalities"]
            if (marginal := row["kwh_per_exam"]["marginal"])["value"] is not None
            and (carbon := row["co2e_kg_per_exam"]["marginal"]) is not None
        ),
        consequential_note=_consequential_note(reader),
        scopes=_scopes(reader),
        published=_published(reader),
        scenario=scenario_note(reader),
    )


def period_in_words(statement: Mapping[str, Any], reader: Reader) -> str:
    """The period of the statement, in the reader's language."""
    first, last = (date.fromisoformat(statement["period"][end]) for end in ("from", "to"))
    return period_text(first, last, reader.messages.locale)


def _opening(reader: Reader) -> list[Markup]:
    totals = reader.statement["totals"]
    energy = reader.shown(totals["energy_kwh"])
    sentences = [_used(reader, energy)]
    sentences.append(Markup(escape(_exams(reader))))
    if totals["devices_metered"] == 0:
        if energy.known:
            sentences.append(Markup(escape(reader.text("opening.estimate"))))
    else:
        sentences += _shares(reader)
    left_out = totals["not_included"]
    for reason in sorted({row["reason"] for row in left_out}):
        rows = [row for row in left_out if row["reason"] == reason]
        few = len(rows) <= MOST_NAMED
        names = reader.names([reader.device_name(row) for row in rows]) if few else reader.counted("scanner", len(rows))
        sentences.append(Markup(escape(reader.text("opening.not_included", names=names, reason=reader.reason(reason)))))
    return sentences


def _used(reader: Reader, energy: Shown) -> Markup:
    totals, words = reader.statement["totals"], reader.messages
    period = period_in_words(reader.statement, reader)
    one_day = reader.statement["period"]["from"] == reader.statement["period"]["to"]
    when = "opening.when_day" if one_day else "opening.when_range"
    count = totals["devices"]
    devices = words.text("opening.devices.one" if count == 1 else "opening.devices.other").format(
        n=words.in_words(count)
    )
    if not energy.known:
        inside = words.text(f"{when}_inside", period=period)
        return _filled(reader, "opening.used_unknown", devices=devices, when_inside=inside, reason=energy.reason)
    co2e = reader.shown(totals["co2e_kg"]["attributional"])
    filled: dict[str, Any] = {"when": words.text(when, period=period), "devices": devices, "energy": _strong(energy)}
    if not co2e.known:
        return _filled(reader, "opening.used_no_carbon", **filled, reason=co2e.reason)
    return _filled(reader, "opening.used", **filled, co2e=_strong(co2e), grid=_grid(reader))


def _grid(reader: Reader) -> str:
    zone = reader.statement["method"]["grid"]["zone"] or reader.statement["site"]["grid_zone"]
    key = f"grid.{zone}"
    return reader.text(key) if reader.messages.has(key) else reader.text("grid.at", zone=zone)


def _exams(reader: Reader) -> str:
    totals = reader.statement["totals"]
    return reader.text("opening.exams", exams=reader.counted("exam", totals["exams"]))


def _shares(reader: Reader) -> list[Markup]:
    totals = reader.statement["totals"]
    idle, unexplained = reader.shown(totals["non_imaging_share"]), reader.shown(totals["unexplained_share"])
    if not idle.known:
        return [_filled(reader, "opening.idle_unknown", reason=idle.reason)]
    whole = totals["devices_metered"] == totals["devices"]
    sentences = [_filled(reader, "opening.idle_all" if whole else "opening.idle_part", share=_strong(idle))]
    if unexplained.known:
        sentences.append(_filled(reader, "opening.unexplained", share=Markup(escape(unexplained.value))))
    return sentences


def _filled(reader: Reader, key: str, **values: Any) -> Markup:
    """A message with its values; what is not markup already is escaped."""
    return Markup(escape(reader.text(key))).format(**values)


def _strong(shown: Shown) -> Markup:
    interval = Markup(' <span class="interval">({})</span>').format(shown.span) if shown.span else ""
    return Markup("<strong>{}</strong>{}").format(shown.value, interval)


def _cards(reader: Reader) -> tuple[Card, ...]:
    totals = reader.statement["totals"]
    return (
        _card(reader, "energy", totals["energy_kwh"], None, "n"),
        _card(reader, "co2e", totals["co2e_kg"]["attributional"], None, "a"),
        _card(reader, "idle", totals["non_imaging_share"], 1.0, "n"),
        _card(reader, "unexplained", totals["unexplained_share"], 1.0, "n"),
    )


def _card(reader: Reader, key: str, quantity: Mapping[str, Any], top: float | None, tone: str) -> Card:
    shown = reader.shown(quantity)
    name = reader.text(f"card.{key}")
    place = reader.text("label.attributional") if tone == "a" else ""
    note = _energy_note(reader) if key == "energy" else reader.text(f"card.{key}_note")
    return Card(key, name, note, shown, _bar(reader, key, quantity, top, tone), place)


def _energy_note(reader: Reader) -> str:
    """What the energy is of; and how much of it was measured, where the worst origin in the sum hides that."""
    kwh = reader.statement["quality"]["energy_by_origin_kwh"]
    measured, whole = kwh.get("measured") or 0.0, sum(part or 0.0 for part in kwh.values())
    note = reader.text("card.energy_note")
    if not 0.0 < measured < whole:
        return note
    return reader.text("card.energy_note_part", note=note, share=reader.share(measured, whole))


def _bar(reader: Reader, key: str, quantity: Mapping[str, Any], top: float | None, tone: str) -> Markup | None:
    if quantity["value"] is None or quantity["low"] is None:
        return None
    shown = reader.shown(quantity)
    name, one = reader.scaled(quantity["unit"], quantity["value"])
    reach = top if top is not None else round_top(quantity["high"] / one) * one
    end = reader.with_unit(number(reach / one, reader.messages.locale), name)
    return interval_bar(
        f"bar-{key}",
        Bar(quantity["value"], quantity["low"], quantity["high"], tone),
        top=reach,
        ends=("0", end),
        title=reader.text(f"card.{key}"),
        summary=reader.text("card.bar", name=reader.text(f"card.{key}"), figure=shown.text),
    )


def _split(reader: Reader) -> Picture | None:
    kwh = reader.statement["totals"]["energy_by_class_kwh"]
    whole = sum(kwh[name] or 0.0 for name in CLASSES)
    if not whole:
        return None
    parts = [
        Part(f"c-{name}", reader.named("class", name), kwh[name], reader.share(kwh[name], whole), name == "unexplained")
        for name in CLASSES
        if kwh[name] is not None
    ]
    words = {
        "title": reader.text("split.title"),
        "summary": reader.text("split.summary", parts=reader.names([f"{part.name} {part.text}" for part in parts])),
    }
    caption = reader.text("split.caption")
    table = Table(
        caption,
        ("", reader.text("scanners.energy"), "%"),
        tuple((part.name, reader.energy(part.value), part.text) for part in parts),
        frozenset({1, 2}),
    )
    return Picture(
        coverage("split-w", parts, width=1000, **words),
        coverage("split-n", parts, width=360, **words),
        caption,
        table,
        "energy_by_class.csv",
        csv_href(["class", "kwh"], [[name, kwh[name]] for name in CLASSES]),
        tuple((part.class_, f"{part.name} {part.text}") for part in parts),
        is_strip=captions_fit(parts, 1000),
    )


def _scopes(reader: Reader) -> Table:
    columns = tuple(reader.text(f"scopes.{name}") for name in ("item", "scope", "co2e"))
    rows = tuple(
        (reader.named("item", row["item"]), row["scope"], reader.shown(row["co2e_kg"]))
        for row in reader.statement["scopes"]
    )
    return Table(reader.text("scopes.caption"), columns, rows, frozenset({2}))


def _consequential_note(reader: Reader) -> str:
    """What the sum of the other question sums: all exams, or those of the kinds it is known for."""
    rows = reader.statement["modalities"]
    known = [row["modality"] for row in rows if row["kwh_per_exam"]["marginal"]["value"] is not None]
    if len(known) == len(rows):
        return reader.text("decision.total_note")
    names = reader.names([reader.named("modality", modality) for modality in known])
    return reader.text("decision.total_part", names=names)


def _published(reader: Reader) -> Table | None:
    found = reader.statement.get("published", [])
    if not found:
        return None
    columns = tuple(reader.text(f"published.{name}") for name in ("scanner", "exams", "co2e", "covers"))
    rows = tuple(
        (
            reader.device_name(row),
            reader.integer(row["exams"]),
            reader.shown(row["co2e_kg"]),
            reader.names([reader.named("flag", flag) for flag in row["covers"]]),
        )
        for row in found
    )
    return Table(reader.text("published.caption"), columns, rows, frozenset({1, 2}))
