"""The receipts page: what came in on each feed and day, what became of it, and what to do about the rest."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ecorad.ledger.receipts import OUTCOMES
from ecorad.ledger.spool import load_state

from .kit import render, texts

# Without news for this long, whoever works off the journal is not there. [s]
STALE_S = 120.0
# Unread for this long is an alarm; meters are gathered for five minutes. [s]
LATE_S = 900.0


def alarms(snapshot: Mapping[str, Any], live: Mapping[str, Any], now_us: int) -> list[tuple[str, dict[str, Any]]]:
    """What is wrong, worst first, as (key of a text, its values)."""
    found: list[tuple[str, dict[str, Any]]] = []
    if live.get("failed"):
        found.append(("failed", {}))
    if not live.get("has_room", True):
        found.append(("no_room", {}))
    for row in snapshot.get("rows", []):
        if not row["adds_up"]:
            found.append(("does_not_add_up", {"feed": row["feed"], "day": row["day"]}))
    lost = sum(one["records"] for one in snapshot.get("damages", []) if one["kind"] != "torn")
    if lost:
        found.append(("damaged", {"n": lost}))
    torn = sum(one["kind"] == "torn" for one in snapshot.get("damages", []))
    if torn:
        found.append(("torn", {"n": torn}))
    return found + _late(snapshot, now_us)


def _late(snapshot: Mapping[str, Any], now_us: int) -> list[tuple[str, dict[str, Any]]]:
    """What is not worked off in time."""
    found: list[tuple[str, dict[str, Any]]] = []
    if snapshot.get("trouble"):
        found.append(("trouble", {"code": snapshot["trouble"]}))
    age = (now_us - snapshot.get("as_of_us", 0)) / 1e6
    if snapshot and age > STALE_S:
        found.append(("stale", {"minutes": round(age / 60)}))
    for feed, oldest in snapshot.get("oldest_us", {}).items():
        if (now_us - oldest) / 1e6 > LATE_S:
            found.append(("late", {"feed": feed, "minutes": round((now_us - oldest) / 6e7)}))
    return found


class ReceiptsPage:
    """Draws the page.

    Parameters
    ----------
    path : Path
        Where the published state lies.
    site, language, zone : str
        Name of the site, language and time zone of the page.
    live : callable
        What only the running server knows: listeners, room, failure.
    """

    def __init__(self, path: Path, *, site: str, language: str, zone: str, live: Callable[[], dict[str, Any]]) -> None:
        self._path = path
        self._site, self._language, self._zone = site, language, ZoneInfo(zone)
        self._live = live

    def state(self) -> dict[str, Any]:
        """The published state, what the server knows now, and the alarms, as data."""
        snapshot, live = load_state(self._path), self._live()
        now_us = time.time_ns() // 1000
        told = [{"alarm": key, **values} for key, values in alarms(snapshot, live, now_us)]
        return {**snapshot, "live": live, "alarms": told}

    def html(self, token: str, *, can_change: bool = True) -> str:
        """The page; ``token`` must come back with every change."""
        snapshot, live = load_state(self._path), self._live()
        now_us = time.time_ns() // 1000
        words = texts(self._language)
        told = [words["alarm"][key].format(**values) for key, values in alarms(snapshot, live, now_us)]
        return render(
            "receipts",
            filters={
                "moment": self._moment,
                "whole": lambda count: f"{count:,}".replace(",", "\N{NARROW NO-BREAK SPACE}"),
                "ago": lambda at: _ago(now_us - at, words),
            },
            language=self._language,
            site=self._site,
            alarms=told,
            rows=snapshot.get("rows", []),
            unread=_unread(snapshot),
            quarantine=_by_code(snapshot.get("quarantine", []), self._language),
            listeners=live.get("listeners", []),
            as_of_us=snapshot.get("as_of_us"),
            outcomes=OUTCOMES,
            token=token,
            can_change=can_change,
        )

    def _moment(self, at_us: int) -> str:
        return datetime.fromtimestamp(at_us / 1e6, UTC).astimezone(self._zone).strftime("%Y-%m-%d %H:%M:%S")


def _unread(snapshot: Mapping[str, Any]) -> list[dict[str, Any]]:
    oldest = snapshot.get("oldest_us", {})
    return [
        {"feed": feed, "count": count, "oldest_us": oldest.get(feed)}
        for feed, count in sorted(snapshot.get("unread", {}).items())
    ]


def _by_code(rows: list[dict[str, Any]], language: str) -> list[dict[str, Any]]:
    """Quarantine by reason and feed, most first."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["code"], row["feed"]), []).append(row)
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return [{"code": code, "feed": feed, "items": items, **_words(code, language)} for (code, feed), items in ordered]


def _words(code: str, language: str) -> dict[str, str]:
    """What a code means and what to do about it; in English where the page's language has no words for it."""
    from ecorad.reporting.messages.issue_words import issue_words
    from ecorad.reporting.statement.quality import issue_meanings

    own = issue_words(language).get(code)
    means, remedy = own or issue_meanings().get(code, ("", ""))
    return {"means": means, "remedy": remedy, "language": language if own else "en"}


def _ago(us: int, words: Mapping[str, Any]) -> str:
    seconds = max(0, us) // 1_000_000
    unit, size = next((u, n) for u, n in (("days", 86400), ("hours", 3600), ("minutes", 60), ("seconds", 1)) if
                      seconds >= 2 * n or n == 1)  # fmt: skip
    return str(words["ago"][unit]).format(n=seconds // size)
