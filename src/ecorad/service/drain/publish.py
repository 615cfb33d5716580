"""What the receipts page shows, written down after each batch: readers never wait for the ledger."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

from ecorad.ledger import Ledger, Workspace, deliveries
from ecorad.ledger.receipts import OUTCOMES
from ecorad.ledger.spool import save_state

from .drainer import RECORD_SUFFIX, spool_path, waiting
from .journal_state import JournalState

FILE = "receipts.json"
_MOST_SET_ASIDE = 500
_MOST_DAYS = 60


def publish(workspace: Workspace, state: JournalState, *, trouble: str | None = None) -> dict[str, Any]:
    """Write and give the present state of all feeds.

    ``rows`` hold the six counts of each feed and day, and for feeds of the server ``journal``, the records of its
    journal: counted on another way, they must be equal to the sum of the outcomes.
    """
    with Ledger.read(workspace, is_checked=False) as ledger:  # every few seconds
        rows = deliveries(ledger)
    told = {(row["feed"], row["day"]) for row in rows}
    for feed, days in state.counts.items():
        missing = (day for day in days if (feed, day) not in told)
        rows += [{"feed": feed, "day": day, "received": 0, **dict.fromkeys(OUTCOMES, 0)} for day in missing]
    for row in rows:
        row["journal"] = state.counts.get(row["feed"], {}).get(row["day"])
        row["adds_up"] = row["received"] == sum(row[name] for name in OUTCOMES) and row["journal"] in {
            None,
            row["received"],
        }
    unread: Counter[str] = Counter()
    oldest: dict[str, int] = {}
    for entry in waiting(workspace, state):
        feed = str(entry.notes.get("feed", "unknown"))
        unread[feed] += 1
        oldest.setdefault(feed, entry.received_us)
    rows.sort(key=lambda row: (row["day"], row["feed"]), reverse=True)
    snapshot = {
        "as_of_us": time.time_ns() // 1000,
        "rows": [row for row in rows if row["day"] in _last_days(rows)],
        "unread": dict(unread),
        "oldest_us": oldest,
        "damages": state.damages,
        "quarantine": set_aside(workspace),
        "trouble": trouble,
    }
    save_state(spool_path(workspace) / FILE, snapshot)
    return snapshot


def set_aside(workspace: Workspace) -> list[dict[str, Any]]:
    """What lies in quarantine, newest first: digest, code, feed, when, and whether its bytes are here."""
    found = []
    paths = sorted(workspace.quarantine_path.glob("*.json"), key=_when, reverse=True)
    for path in paths[:_MOST_SET_ASIDE]:
        try:
            told = json.loads(path.read_text("utf-8", errors="surrogateescape"))
        except (OSError, ValueError):
            continue
        found.append(
            {
                "digest": path.stem,
                "code": str(told.get("code", "")),
                "feed": str(told.get("feed", "")),
                "since_us": round(_when(path) * 1e6),
                "is_here": path.with_suffix(RECORD_SUFFIX).exists(),
            }
        )
    return found


def _when(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _last_days(rows: list[dict[str, Any]]) -> set[str]:
    return set(sorted({row["day"] for row in rows})[-_MOST_DAYS:])
