"""How was it worked out: method, boundary, the three rules side by side, and the appendix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..messages import figures, issue_words
from ..page import Cell, Table
from ..reader import DASH, Reader
from .evidence import claims, evidence_counts, licences

Row = Mapping[str, Any]
# What a page of issues says where there is nothing to do.
_NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class FactorLine:
    """One factor row of the appendix; ``id`` is also where the figures link to."""

    id: str
    value: str
    scope: str
    year: str
    answers: str
    tone: str
    source: str
    link: str
    boundary: str
    evidence: str
    note: str


@dataclass(frozen=True, slots=True)
class IssueLine:
    """One kind of issue; texts come in parts, every other of which is code."""

    language: str
    code: str
    count: str
    where: str
    meaning: tuple[str, ...]
    remedy: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Worked:
    """The fifth question, answered, and the appendix."""

    paragraphs: tuple[tuple[str, str], ...]
    inside: tuple[str, ...]
    outside: tuple[str, ...]
    allocation: Table | None
    grid: str
    factor_set: str
    seed: str
    command: str
    factors: tuple[FactorLine, ...]
    issues: tuple[IssueLine, ...]
    licences: Table | None
    evidence: str
    claims: Table | None


def worked(reader: Reader) -> Worked:
    """The fifth question, answered."""
    method = reader.statement["method"]
    grid = method["grid"]
    return Worked(
        paragraphs=tuple(
            (reader.named("method_name", name), reader.named("method_text", name)) for name in method["texts"]
        ),
        inside=_boundary(reader, "in."),
        outside=_boundary(reader, "out."),
        allocation=_allocation(reader),
        grid=reader.text(
            "method.grid_body",
            zone=grid["zone"] or reader.text("unknown"),
            year=grid["year"] or reader.text("unknown"),
            average=grid["average"] or reader.text("unknown"),
            marginal=grid["marginal"] or reader.text("unknown"),
        ),
        factor_set=reader.text("method.set_body", **{key: method["factor_set"][key] for key in ("name", "digest")}),
        seed=_seed(reader, method),
        command=method["command"],
        factors=tuple(_factor(reader, row) for row in reader.statement["factors"]),
        issues=_issues(reader),
        licences=licences(reader),
        evidence=evidence_counts(reader),
        claims=claims(reader),
    )


def _issues(reader: Reader) -> tuple[IssueLine, ...]:
    """One line a code, most frequent first, with the devices and meters it was found at."""
    by_code: dict[str, list[Row]] = {}
    for row in reader.statement["quality"]["issues"]:
        by_code.setdefault(row["code"], []).append(row)
    lines = sorted(by_code.items(), key=lambda line: (-sum(row["count"] for row in line[1]), line[0]))
    return tuple(_issue(reader, code, rows) for code, rows in lines)


def _issue(reader: Reader, code: str, rows: list[Row]) -> IssueLine:
    translated = issue_words(reader.language).get(code)
    meaning, remedy = translated or (rows[0]["meaning"], rows[0]["remedy"] or "")
    return IssueLine(
        language=reader.language if translated else "en",
        code=code,
        count=reader.integer(sum(row["count"] for row in rows)),
        where=reader.text("list_gap").join(sorted({row["where"] for row in rows if row["where"]})),
        meaning=tuple(meaning.split("`")),
        remedy=() if remedy in ("", _NOTHING) else tuple(remedy.split("`")),
    )


def _seed(reader: Reader, method: Row) -> str:
    if "seed" not in method or "draws" not in method:
        return ""
    percent = reader.messages.locale.percent.format(n=reader.plain(100 * method["interval"]))
    return reader.text("method.seed_body", draws=reader.integer(method["draws"]), seed=method["seed"], percent=percent)


def _boundary(reader: Reader, prefix: str) -> tuple[str, ...]:
    names = [name for name in reader.statement["method"]["boundary"] if name.startswith(prefix)]
    return tuple(reader.named("boundary", name) for name in names)


def _allocation(reader: Reader) -> Table | None:
    method = reader.statement["method"]
    rules = method["allocation_rules"]
    if not rules or not rules[0]["modalities"]:
        return None
    rows: list[tuple[Cell, ...]] = []
    for cells in zip(*(rule["modalities"] for rule in rules), strict=True):
        modality = reader.named("modality", cells[0]["modality"])
        rows.append((modality, *(reader.shown(cell["kwh_per_exam"], per_exam=False) for cell in cells)))
        if cells[0]["most_moved"] is not None:
            regions = [cell["most_moved"] for cell in cells]
            name = reader.text(
                "method.of_which", modality=modality, region=reader.named("region", regions[0]["body_region"])
            )
            rows.append((name, *(reader.shown(region["kwh_per_exam"], per_exam=False) for region in regions)))
    columns = (reader.text("dots.modality"), *(_rule_name(reader, rule["rule"]) for rule in rules))
    caption = reader.text("method.allocation_caption")
    return Table(caption, columns, tuple(rows), frozenset(range(1, len(columns))))


def _rule_name(reader: Reader, rule: str) -> str:
    name = reader.named("rule", rule)
    chosen = rule == reader.statement["method"]["allocation"]
    return f"{name} ({reader.text('method.chosen')})" if chosen else name


def _factor(reader: Reader, row: Row) -> FactorLine:
    written = figures(row["value"], row["low"], row["high"], reader.messages.locale)
    value = f"{written.value} ({written.low}{DASH}{written.high})" if written.has_interval else written.value
    answers = row["accounting"]
    return FactorLine(
        id=row["id"],
        value=f"{value} {reader.scaled(row['unit'], 1.0)[0] if row['unit'] not in ('1', '%') else ''}".rstrip(),
        scope=row["region"] or "",
        year="" if row["year"] is None else str(row["year"]),
        answers=reader.text(f"label.{answers}") if answers else "",
        tone={"attributional": "a", "consequential": "c"}.get(answers or "", "n"),
        source=row["source"],
        link=_safe_link(row.get("link")),
        boundary=reader.text("list_gap").join(reader.named("flag", flag) for flag in row["boundary"]),
        evidence=reader.named("evidence", row["evidence"]),
        note=row.get("note") or "",
    )


def _safe_link(link: str | None) -> str:
    """An address a reader may follow by hand; anything but a web address is not made a link."""
    return link if link and link.startswith(("https://", "http://")) else ""
