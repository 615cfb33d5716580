"""What became of everything received: by delivery, and by input.

A *delivery* is one arrival. An *input* is one content: delivered ten times it is still one. Statements count inputs, so
that a repeated delivery changes nothing in them.
"""

from __future__ import annotations

from typing import Any

from ecorad.model import Outcome

from .snapshot import Ledger

OUTCOMES = tuple(outcome.value for outcome in Outcome)
_COUNTS = ", ".join(f"count(*) FILTER (outcome = '{outcome}') AS {outcome}" for outcome in OUTCOMES)


def inputs(ledger: Ledger) -> dict[str, int]:
    """The six counts over distinct inputs; they add up.

    Each content counts once, by what became of it when it first came: a content that was stored once and delivered
    again is stored.
    """
    rows = ledger.rows(
        f"""WITH once AS (
            SELECT source_digest, kind, min_by(outcome, CASE outcome WHEN 'new_version' THEN 0 WHEN 'stored' THEN 1
                WHEN 'quarantined' THEN 2 WHEN 'refused' THEN 3 ELSE 4 END) AS outcome
            FROM receipt GROUP BY source_digest, kind)
        SELECT count(*) AS received, {_COUNTS} FROM once"""
    )
    return {name: int(count) for name, count in rows[0].items()}


def deliveries(ledger: Ledger) -> list[dict[str, Any]]:
    """The six counts by feed and local day of arrival, latest last."""
    return ledger.rows(
        f"""SELECT feed, day::VARCHAR AS day, count(*) AS received, {_COUNTS} FROM receipt
        GROUP BY feed, day ORDER BY day, feed"""
    )


def problems(ledger: Ledger) -> list[dict[str, Any]]:
    """Codes of what was set aside or flagged, counted over distinct inputs, most frequent first."""
    return ledger.rows(
        """WITH told AS (
            SELECT DISTINCT source_digest, code, 1 AS n, '' AS place FROM receipt WHERE code IS NOT NULL
            UNION ALL
            SELECT DISTINCT source_digest, code, count AS n, "where" AS place FROM issue)
        SELECT code, sum(n)::BIGINT AS count FROM told GROUP BY code ORDER BY count DESC, code"""
    )
