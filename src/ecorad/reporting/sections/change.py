"""What can we change tomorrow: at most five findings, and what one exam less saves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..page import Picture, Table
from ..reader import Reader, Shown
from .per_exam import per_exam_picture, per_exam_table

MOST = 5
Row = Mapping[str, Any]
# What the evidence of a detector is counted in, where it is not days.
_UNIT = {
    "left_idle_overnight": "night",
    "power_save_unused": "night",
    "warm_up_early": "night",
    "left_on_weekend": "weekend",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence with what it would save, what it rests on and who decides."""

    sentence: str
    kwh: Shown
    money: Shown
    co2e: Shown
    evidence: str
    needs: str
    decides: str
    against: str
    command: str


@dataclass(frozen=True, slots=True)
class Change:
    """The third question, answered."""

    findings: tuple[Finding, ...]
    none: tuple[str, ...]
    per_exam: Picture | None
    modalities: Table


def change(reader: Reader) -> Change:
    """The third question, answered: largest saving first, nothing whose interval includes zero."""
    sure = sure_findings(reader)
    none = [reader.text("change.none")] if not sure else []
    if none and reader.statement["totals"]["devices_metered"] == 0:
        none.append(reader.text("change.none_meter"))
    return Change(
        findings=sure[:MOST],
        none=tuple(none),
        per_exam=per_exam_picture(reader, "marginal"),
        modalities=per_exam_table(reader, "marginal", "marginal", reader.text("dots.co2e_marginal")),
    )


def sure_findings(reader: Reader) -> tuple[Finding, ...]:
    """Findings whose whole interval lies above zero, the largest saving first."""
    sure = [row for row in reader.statement["findings"] if _is_sure(row["kwh"])]
    return tuple(_finding(reader, row) for row in sorted(sure, key=lambda row: -row["kwh"]["value"]))


def _is_sure(quantity: Row) -> bool:
    return quantity["value"] is not None and quantity["low"] is not None and quantity["low"] > 0


def _finding(reader: Reader, row: Row) -> Finding:
    sentence = reader.named("finding", row["kind"])
    return Finding(
        sentence=sentence.replace("{device}", reader.device_name(row)),
        kwh=reader.shown(row["kwh"]),
        money=reader.shown(row["money"]),
        co2e=reader.shown(row["co2e_kg"]),
        evidence=_evidence(reader, row),
        needs=_said(reader, "needs", row.get("needs")),
        decides=_said(reader, "decides", row.get("decides")),
        against=_said(reader, "against", row.get("against")),
        command=row.get("command") or "",
    )


def _evidence(reader: Reader, row: Row) -> str:
    evidence = row["evidence"]
    days, times = reader.counted(_UNIT.get(row["kind"], "day"), evidence["days"]), evidence.get("times")
    if times is None or times == evidence["days"]:
        return reader.text("change.evidence", days=days)
    return reader.text("change.evidence_times", times=reader.integer(times), days=days)


def _said(reader: Reader, group: str, code: str | None) -> str:
    return reader.named(group, code) if code else ""
