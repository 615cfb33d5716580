"""``power-DATE.html``: one page to hang by the consoles."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup

from ..charts.mark import origin_mark
from ..charts.scale import Scale
from ..charts.svg import drawing, element, label
from ..html import environment, template_text
from ..messages.format import period_text
from ..page import Table
from ..reader import Reader, Shown, printable

_TOP, _PITCH, _BAR = 4.0, 40.0, 16.0


@dataclass(frozen=True, slots=True)
class Row:
    """One device, as the roster says it."""

    name: str
    lines: tuple[str, ...]
    saves: Shown
    money: Shown
    co2e: Shown
    note: str
    wait: str


def render_plan(plan: Mapping[str, Any], language: str = "en") -> str:
    """The plan as one self-contained HTML page.

    Parameters
    ----------
    plan : dict
        As :func:`~ecorad.reporting.night_plan.statement.plan_statement` makes it.
    language : {"en", "zh", "nl"}
        Language of the reader; the numbers are the same in each.
    """
    reader = Reader({"factors": [], "devices": plan["devices"]}, language)
    context: dict[str, Any] = {
        "r": reader,
        "t": reader.text,
        "p": plan,
        "css": Markup(template_text("report.css")),
        "title": reader.text("night.title", day=_date(plan["night"]["from"], reader)),
        "rows": [_row(reader, plan, device) for device in plan["devices"]],
        "total": {name: reader.shown(plan["total"][name]) for name in ("kwh", "money", "co2e_kg")},
        "wide": night_chart(reader, plan, 720.0),
        "narrow": night_chart(reader, plan, 340.0),
        "key": [(f"s-{mode}", reader.named("night_key", mode)) for mode in ("power_save", "off", "ready", "idle")],
        "mark": lambda name: origin_mark(name, reader.named("origin_letter", name), reader.named("origin", name)),
        "ready": [_ready(reader, rule) for rule in plan["ready"]],
        "proof": reader.text("night.proved" if plan["status"] == "optimal" else "night.not_proved"),
        "policies": _policies(reader, plan),
        "modes": _modes(reader, plan),
        "notes": [
            reader.text("night.note", where=printable(issue["where"]), what=reader.named("night_note", issue["code"]))
            + (f" ({printable(issue['detail'])})" if issue["detail"] else "")
            for issue in plan["issues"]
        ],
        "is_shown": lambda cell: isinstance(cell, Shown),
    }
    return environment().get_template("night_plan.html.j2").render(context).rstrip("\n") + "\n"


def in_words(reader: Reader, stretch: Mapping[str, Any]) -> str:
    """One stretch as a sentence."""
    values = {
        "mode": reader.named("mode_command", stretch["mode"]),
        "start": _clock(stretch["start"], reader),
        "wake": _clock(stretch["wake"], reader),
        "ready": _clock(stretch["ready"], reader),
    }
    if stretch["wake"] is None:
        return reader.text("night.stays", **values)
    return reader.text("night.stretch" if stretch["ready"] else "night.stretch_open", **values)


def _row(reader: Reader, plan: Mapping[str, Any], device: Mapping[str, Any]) -> Row:
    mine = [row for row in plan["roster"] if row["device"] == device["name"]]
    lines = tuple(in_words(reader, row) for row in mine) or (reader.text("night.as_is"),)
    note = "" if device["is_sure"] else reader.text("night.not_sure")
    wait = ""
    if device["expected_wait_min"] > 0.5:
        wait = reader.text(
            "night.wait",
            minutes=reader.plain(device["expected_wait_min"], "min", 2),
            exams=reader.plain(device["expected_unbooked"], digits=2),
        )
    return Row(
        name=printable(device["name"]),
        lines=lines,
        saves=reader.shown(device["saves"]["kwh"]),
        money=reader.shown(device["saves"]["money"]),
        co2e=reader.shown(device["saves"]["co2e_kg"]),
        note=note,
        wait=wait,
    )


def _ready(reader: Reader, rule: Mapping[str, Any]) -> str:
    hours = "" if rule["hours"] is None else f" ({rule['hours'][0]}\N{EN DASH}{rule['hours'][1]})"
    names = reader.names([printable(name) for name in rule["devices"]])
    return reader.text(
        "night.ready", count=rule["at_least"], names=names, minutes=reader.plain(rule["within_min"], "min"), hours=hours
    )


def _policies(reader: Reader, plan: Mapping[str, Any]) -> Table:
    names = ("offline", "plan", "wait", "immediate", "never")
    rows = [
        (printable(device["name"]), *(reader.energy(device["policies_kwh"][name]) for name in names))
        for device in plan["devices"]
        if device["policies_kwh"] is not None and len(device["modes"]) > 1
    ]
    columns = (reader.text("night.scanner"), *(reader.text(f"night.policy_{name}") for name in names))
    return Table(reader.text("night.policies_caption"), columns, tuple(rows), frozenset(range(1, 6)), unfold=False)


def _modes(reader: Reader, plan: Mapping[str, Any]) -> Table:
    rows = [
        (
            printable(device["name"]),
            reader.named("state", mode),
            reader.bare(facts["kw"], "kW"),
            reader.named("night_source", facts["source"]),
            "" if facts["start_min"] is None else reader.plain(facts["start_min"], "min"),
            "" if facts["start_min"] is None else reader.energy(facts["switch_kwh"]),
        )
        for device in plan["devices"]
        for mode, facts in device["modes"].items()
    ]
    columns = tuple(reader.text(f"night.{name}") for name in ("scanner", "mode", "power", "source", "start", "switch"))
    return Table(reader.text("night.modes_caption"), columns, tuple(rows), frozenset({2, 4, 5}), unfold=False)


def night_chart(reader: Reader, plan: Mapping[str, Any], width: float) -> Markup:
    """Who is down when, as bars over the clock; every number of it stands in the roster beside it."""
    start, end = (datetime.fromisoformat(plan["night"][name]) for name in ("from", "to"))
    hours = (end - start) / timedelta(hours=1)
    scale = Scale(hours, 1.0, width - 14.0)
    height = _TOP + _PITCH * len(plan["devices"]) + 24
    parts = []
    for hour in range(0, int(hours) + 1, (3 if width > 500 else 6) * math.ceil(hours / 24.5)):
        x = scale.at(hour)
        parts.append(element("path", d=f"M{x:.2f} {_TOP}V{height - 20}", class_="grid"))
        clock = f"{(start + timedelta(hours=hour)):%H:%M}"
        anchor = "start" if hour == 0 else "end" if hour > hours - 2 else "middle"
        parts.append(label(clock, x, height - 5, "t tiny muted", anchor))
    for place, device in enumerate(plan["devices"]):
        mine = [row for row in plan["roster"] if row["device"] == device["name"]]
        parts += _bar(reader, mine, (device["name"], _TOP + _PITCH * place), (start, end), scale)
    ident = f"night-{width:.0f}"
    return drawing(ident, width, height, reader.text("night.chart"), reader.text("night.chart_summary"), *parts)


def _bar(
    reader: Reader,
    mine: Sequence[Mapping[str, Any]],
    head: tuple[str, float],
    span: tuple[datetime, datetime],
    scale: Scale,
) -> list[Markup]:
    name, top = head

    def at(moment: str | None) -> float:
        when = span[1] if moment is None else datetime.fromisoformat(moment)
        return scale.at((when - span[0]) / timedelta(hours=1))

    left, right = at(span[0].isoformat()), at(None)
    parts = [
        label(printable(name), left, top + 11, "t strong small"),
        element("rect", x=left, y=top + 16, width=right - left, height=_BAR, class_="s-idle"),
    ]
    for row in mine:
        begin, wake = at(row["start"]), at(row["wake"])
        tip = element("title", in_words(reader, row))
        parts.append(
            element(
                "rect", tip, x=begin, y=top + 16, width=max(wake - begin, 1), height=_BAR, class_=f"s-{row['mode']}"
            )
        )
        if row["ready"]:
            width = max(at(row["ready"]) - wake, 1)
            parts.append(element("rect", x=wake, y=top + 16, width=width, height=_BAR, class_="s-ready"))
    return parts


def _date(moment: str, reader: Reader) -> str:
    day = datetime.fromisoformat(moment).date()
    return period_text(day, day, reader.messages.locale)


def _clock(moment: str | None, reader: Reader) -> str:
    if moment is None:
        return ""
    when = datetime.fromisoformat(moment)
    return f"{reader.text(f'weekday.{when.weekday()}')} {when:%H:%M}"
