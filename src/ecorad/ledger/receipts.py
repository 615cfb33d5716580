"""What became of everything received: by delivery, and by input.

A *delivery* is one arrival. An *input* is one content: delivered ten times, or in another wrapping, it is still one.
Statements count inputs, so that a repeated delivery changes nothing in them.
"""

from __future__ import annotations

from typing import Any

from ecorad.model import Outcome

from .snapshot import Ledger

OUTCOMES = tuple(outcome.value for outcome in Outcome)
# Best first; a duplicate is never the best, because what it repeats was received before it.
_RANKS = " ".join(
    f"WHEN '{outcome}' THEN {rank}"
    for rank, outcome in enumerate(("new_version", "stored", "quarantined", "refused", "duplicate"))
)
# The key of a receipt is the content of its input. What was set aside unread has the digest of its bytes for that,
# until the same bytes are read.
_ONCE = f"""known AS (
    SELECT outcome, code, coalesce(
        max(nullif(record_key, source_digest)) OVER (PARTITION BY source_digest), source_digest) AS content
    FROM receipt
), once AS (
    SELECT outcome, code FROM known
    QUALIFY row_number() OVER (PARTITION BY content ORDER BY CASE outcome {_RANKS} END, code) = 1)"""
_COUNTS = ", ".join(f"count(*) FILTER (outcome = '{outcome}') AS {outcome}" for outcome in OUTCOMES)


# Where in an input something was, without the path it came by: the same file by another path is the same input.
_INSIDE = r"""regexp_replace("where", '^.*#[0-9a-f]{12}', '')"""


def inputs(ledger: Ledger) -> dict[str, int]:
    """The six counts over distinct inputs; they add up.

    Each content counts once, by the best that became of it: what was stored once and delivered again is stored, and
    what was set aside until the site said more about it is stored as well.
    """
    rows = ledger.rows(f"WITH {_ONCE} SELECT count(*) AS received, {_COUNTS} FROM once")
    return {name: int(count) for name, count in rows[0].items()}


def deliveries(ledger: Ledger) -> list[dict[str, Any]]:
    """The six counts by feed and local day of arrival, latest last."""
    return ledger.rows(
        f"""SELECT feed, day::VARCHAR AS day, count(*) AS received, {_COUNTS} FROM receipt
        GROUP BY feed, day ORDER BY day, feed"""
    )


def problems(ledger: Ledger) -> list[dict[str, Any]]:
    """Codes of what is set aside or flagged, counted over distinct inputs, most frequent first."""
    return ledger.rows(
        f"""WITH {_ONCE}, told AS (
            SELECT code, 1 AS n FROM once WHERE code IS NOT NULL
            UNION ALL
            SELECT code, n
            FROM (SELECT DISTINCT source_digest, code, count AS n, {_INSIDE} AS inside, detail FROM issue))
        SELECT code, sum(n)::BIGINT AS count FROM told GROUP BY code ORDER BY count DESC, code"""
    )
