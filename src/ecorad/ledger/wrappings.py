"""One object in two wrappings: before its data set a file has one meta header, and what comes over the wire another.

What hangs on an object (dose, injections, rejections) is told apart by the digest of the input it was read from. Where
the ledger holds the object from another wrapping already, its rows are taken as those of that input.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .batch import Arrival
from .staging import stage_rows

if TYPE_CHECKING:
    import duckdb


def under_known_digests(
    connection: duckdb.DuckDBPyConnection, arrivals: Sequence[Arrival], instances: str, names: Sequence[str]
) -> list[Arrival]:
    """Arrivals whose rows carry the digest of the first input that held the same object.

    Parameters
    ----------
    connection
        Engine that reads the ledger.
    arrivals : sequence of Arrival
        A batch, in the order received.
    instances : str
        What to write after FROM to read the objects received before.
    names : sequence of str
        Tables of rows that an arrival may hold.
    """
    hanging = [i for i, one in enumerate(arrivals) if _key(one) and any(getattr(one, name) for name in names)]
    found = list(arrivals)
    if not hanging:
        return found
    first = _known(connection, [arrivals[i] for i in hanging], instances)
    for i in hanging:
        one = arrivals[i]
        digest = first.setdefault(_key(one), one.digest)
        if digest != one.digest:
            rows: dict[str, Any] = {
                name: tuple(replace(row, source_digest=digest) for row in getattr(one, name)) for name in names
            }
            found[i] = replace(one, **rows)
    return found


def _key(one: Arrival) -> tuple[str, str] | None:
    """The object and what it says; ``None`` for what is no object, or only told of."""
    if one.instance is None or one.instance.content_digest is None:
        return None
    return one.instance.record_key, one.instance.content_digest


def _known(
    connection: duckdb.DuckDBPyConnection, arrivals: Sequence[Arrival], instances: str
) -> dict[tuple[str, str] | None, str]:
    """The digest under which each object is held."""
    keys = [key for key in map(_key, arrivals) if key is not None]
    columns: dict[str, tuple[str, list[Any]]] = {
        "record_key": ("string", [key for key, _ in keys]),
        "content_digest": ("string", [content for _, content in keys]),
    }
    stage_rows(connection, "wrapped", columns)
    rows = connection.execute(
        f"""SELECT k.record_key, k.content_digest, arg_min(k.source_digest, k.version) FROM {instances} AS k
        SEMI JOIN wrapped AS n ON n.record_key = k.record_key AND n.content_digest = k.content_digest
        GROUP BY ALL"""
    ).fetchall()
    return {(key, content): digest for key, content, digest in rows}
