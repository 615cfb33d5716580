"""How one reader sees numbers: in one language, with units as people say them, never without interval or origin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .messages import Figures, Messages, figures, messages, number

NBSP = "\N{NO-BREAK SPACE}"
DASH = "\N{EN DASH}"

# What people say instead of UCUM: (smallest shown value, name, how many of ours one of them is).
LADDERS: Mapping[str, tuple[tuple[float, str, float], ...]] = {
    "kW.h": ((1e6, "GWh", 1e6), (1e3, "MWh", 1e3), (0.1, "kWh", 1.0), (0.0, "Wh", 1e-3)),
    "kg{CO2e}": ((1e3, "t CO₂e", 1e3), (0.1, "kg CO₂e", 1.0), (0.0, "g CO₂e", 1e-3)),
    "g": ((1e4, "kg", 1e3), (0.0, "g", 1.0)),
    "s": ((7200.0, "h", 3600.0), (180.0, "min", 60.0), (0.0, "s", 1.0)),
    "kW": ((0.1, "kW", 1.0), (0.0, "W", 1e-3)),
    "GB": ((1e3, "TB", 1e3), (1.0, "GB", 1.0), (0.0, "MB", 1e-3)),
}
PLAIN = {"mL": "mL", "h": "h", "min": "min", "kg": "kg", "{exam}": "", "kg{CO2e}/kW.h": "kg CO₂e/kWh"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A quantity as a reader sees it; ``text`` is the whole of it in one line."""

    known: bool
    figures: Figures
    unit: str
    value: str
    text: str
    origin: str
    letter: str
    word: str
    reason: str
    remedy: str
    method: str
    factors: tuple[Mapping[str, Any], ...]

    @property
    def span(self) -> str:
        """The interval alone, without a unit."""
        return f"{self.figures.low}{DASH}{self.figures.high}" if self.figures.has_interval else ""


class Reader:
    """Words and numbers of one statement for one reader.

    Parameters
    ----------
    statement : dict
        Follows ``schema/audit-1.json``.
    language : str
        One of :data:`~ecorad.reporting.messages.LANGUAGES`.
    """

    def __init__(self, statement: Mapping[str, Any], language: str = "en") -> None:
        self.messages: Messages = messages(language)
        self.language = language
        self.statement = statement
        self._factors = {row["id"]: row for row in statement["factors"]}

    def text(self, key: str, **values: Any) -> str:
        """The message under ``key``."""
        return self.messages.text(key, **values)

    def named(self, group: str, name: str | None) -> str:
        """The word for a code (modality, region, state, …), or the code where there is no word."""
        return self.messages.named(group, name)

    def counted(self, key: str, count: int) -> str:
        """A count with its noun."""
        return self.messages.counted(f"count.{key}", count)

    def integer(self, count: int) -> str:
        """A count, grouped."""
        return self.messages.locale.integer(count)

    def plain(self, value: float | None, unit: str = "", digits: int = 3) -> str:
        """A number that is not a quantity (a clock offset, hours read); a dash word when it is not known."""
        if value is None:
            return self.text("unknown")
        return f"{number(value, self.messages.locale, digits)}{NBSP}{unit}".rstrip(NBSP)

    def share(self, part: float, whole: float) -> str:
        """A part of a whole in percent, without an interval."""
        percent = 100.0 * part / whole if whole else 0.0
        digits = 2 if percent < 99.5 else 3
        return self.messages.locale.percent.format(n=number(percent, self.messages.locale, digits))

    def energy(self, kwh: float | None) -> str:
        """Bare kWh in the unit people say."""
        return self.bare(kwh, "kW.h")

    def bare(self, value: float | None, unit: str) -> str:
        """A value without an interval in the unit people say."""
        if value is None:
            return self.text("unknown")
        name, one = self.scaled(unit, value)
        return f"{number(value / one, self.messages.locale)}{NBSP}{name}".rstrip(NBSP)

    def reconciled(self, kwh: float | None) -> str:
        """Bare kWh with one decimal, so that a row can be added up by hand."""
        if kwh is None:
            return self.text("unknown")
        return self.messages.locale.fixed(kwh, 1)

    def shown(self, quantity: Mapping[str, Any], *, per_exam: bool = True) -> Shown:
        """A quantity of the statement, ready to be shown; without ``per_exam`` the column's head says it."""
        value, low, high = quantity["value"], quantity["low"], quantity["high"]
        origin = quantity["origin"]
        known = value is not None or (low is not None and high is not None)
        unit = quantity["unit"] if per_exam else quantity["unit"].removesuffix("/{exam}")
        name, one = self.scaled(unit, value if value is not None else (high or 0.0))
        scaled = [None if part is None else part / one for part in (value, low, high)]
        finest = 1 if name == "%" else None
        written = figures(scaled[0], scaled[1], scaled[2], self.messages.locale, finest)
        reason = "" if known else self.reason(quantity.get("reason"))
        return Shown(
            known=known,
            figures=written,
            unit=name,
            value=self.with_unit(written.value, name),
            text=self._line(written, name, reason),
            origin=origin,
            letter=self.named("origin_letter", origin),
            word=self.named("origin", origin),
            reason=reason,
            remedy="" if known else self._remedy(quantity.get("reason")),
            method=self.messages.texts.get(f"method_short.{quantity['method']}", quantity["method"]),
            factors=tuple(self._factors.get(key, {"id": key}) for key in quantity["factors"]),
        )

    def reason(self, code: str | None) -> str:
        """Why something is unknown, as the end of "unknown, because …"."""
        return self.named("reason", code or "not_said")

    def device_name(self, row: Mapping[str, Any]) -> str:
        """The site's name for a device, else its model or modality with the end of its pseudonym."""
        if row.get("alias"):
            return printable(row["alias"])
        if row.get("device") is None:
            return self.text("the_site")
        device = next((d for d in self.statement["devices"] if d["device"] == row["device"]), row)
        if device.get("alias"):
            return printable(device["alias"])
        kind = device.get("model") or self.named("modality", device.get("modality"))
        return printable(f"{kind} ({str(row['device'])[-4:]})")

    def names(self, words: Sequence[str]) -> str:
        """Words as a list in a sentence."""
        if len(words) < 2:
            return "".join(words)
        return self.text("list_last", head=self.text("list_gap").join(words[:-1]), last=words[-1])

    def _remedy(self, code: str | None) -> str:
        return self.messages.texts.get(f"remedy.{code}", "")

    def _line(self, written: Figures, unit: str, reason: str) -> str:
        if reason:
            return self.text("unknown_because", reason=reason)
        if not written.value:
            return self.text("between", low=written.low, high=written.high, unit=unit)
        head = self.with_unit(written.value, unit)
        return f"{head} ({written.low}{DASH}{written.high})" if written.has_interval else head

    def with_unit(self, figure: str, unit: str) -> str:
        """A figure with its unit; percent as the language writes it."""
        if unit == "%":
            return self.messages.locale.percent.format(n=figure)
        return f"{figure}{NBSP}{unit}".rstrip(NBSP) if figure else ""

    def scaled(self, unit: str, value: float) -> tuple[str, float]:
        """Name of the unit people say, and how many of the statement's unit one of it is."""
        if unit in ("1", "%"):
            return "%", 0.01 if unit == "1" else 1.0
        base, _, per = unit.partition("/")
        if per == "{exam}":
            name, one = self.scaled(base, value)
            return self.text("per_exam", unit=name), one
        for smallest, name, one in LADDERS.get(unit, ()):
            if (abs(value) >= smallest) if value else (one == 1.0):
                return name, one
        return PLAIN.get(unit, unit), 1.0


def printable(name: str) -> str:
    """A name from outside without control characters, which a terminal would obey.

    >>> printable("MR\\x1b[2J 1")
    'MR[2J 1'
    """
    return "".join(sign for sign in name if sign.isprintable())
