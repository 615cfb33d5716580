"""Works off the receive journal into the ledger.

Before a batch is committed, the state it leads to is written down beside the present one. Killed in between, the next
start asks the ledger whether the batch is in it, and takes the one state or the other: each record counts once.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ecorad.intake.places import keep_place
from ecorad.intake.register import pseudonymiser_of
from ecorad.ledger import Ledger, Workspace, open_for_writing
from ecorad.ledger.batch import Arrival
from ecorad.ledger.spool import Damage, Entry, Position, read_stream, segments
from ecorad.model import WorkspaceBusyError
from ecorad.model.clock import to_datetime
from ecorad.service.desk import FOLDER, STREAMS

from .arrivals import Kept
from .journal_state import JournalState, read_states, write_states
from .metering import Metering
from .pool import DecodingPool

_BATCH_RECORDS = 2_000
_BATCH_BYTES = 64 << 20
# Meters send single values: gathered for a while they make intervals without one commit for each.
METER_WINDOW_S = 300.0
_METER_RECORDS = 5_000
# Kept until a room reads them; the others go when their days are over.
_KEPT_WHOLE = frozenset({"mpps", "hl7"})
RECORD_SUFFIX = ".received"


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one stream and one local day, the damage among them, and where they end."""

    stream: str
    day: str
    entries: tuple[Entry, ...]
    damages: tuple[Damage, ...]
    end: Position


class Drainer:
    """Works off one workspace's journal; one process at a time.

    Parameters
    ----------
    workspace : Workspace
        Where to.
    meter_window_s : float
        How long samples of meters are gathered. [s]
    is_live : bool
        Whether a server may be appending.
    """

    def __init__(self, workspace: Workspace, *, meter_window_s: float = METER_WINDOW_S, is_live: bool = True) -> None:
        self.workspace = workspace
        self.folder = spool_path(workspace)
        self._lock = _locked(self.folder)
        self._window_us = round(meter_window_s * 1e6)
        self._is_live = is_live
        pseudonymiser = pseudonymiser_of(workspace)
        self._pool = DecodingPool(workspace.site, pseudonymiser)
        self._metering = Metering(workspace.site, pseudonymiser)
        self.state = self._recovered()

    def drain(self) -> int:
        """Work off what waits, at most one batch a stream; how many records were taken."""
        taken = 0
        for stream in STREAMS:
            batch = self._next_batch(stream)
            if batch is not None:
                self._commit(batch)
                taken += len(batch.entries)
        self._trim()
        return taken

    def close(self) -> None:
        """Let the decoding process go, and the journal."""
        self._pool.close()
        os.close(self._lock)

    def _recovered(self) -> JournalState:
        """The state after the last batch that is in the ledger."""
        now, intended = read_states(self.folder)
        if intended is None:
            return now
        with open_for_writing(self.workspace):
            pass  # a commit that was written down is finished first
        with Ledger.read(self.workspace, is_checked=False) as ledger:
            query = f"SELECT count(*) AS n FROM receipt WHERE received_at = make_timestamptz({intended.last_us})"
            is_in = bool(ledger.rows(query)[0]["n"])
        found = intended if is_in else now
        write_states(self.folder, found)
        return found

    def _next_batch(self, stream: str) -> Batch | None:
        after = self.state.positions.get(stream, Position())
        entries: list[Entry] = []
        damages: list[Damage] = []
        held, day, end = 0, "", after
        most = _METER_RECORDS if stream == "meter" else _BATCH_RECORDS
        for one in read_stream(self.folder / stream, after, is_live=self._is_live):
            if isinstance(one, Damage):
                damages.append(one)
                end = Position(one.segment, one.end)
                continue
            its_day = self._day(one.received_us)
            if entries and (its_day != day or len(entries) >= most or held >= _BATCH_BYTES):
                break
            day = its_day
            entries.append(one)
            held += len(one.payload)
            end = Position(one.segment, one.end)
        if stream == "meter" and not damages and self._may_wait(entries, most):
            return None
        return Batch(stream, day, tuple(entries), tuple(damages), end) if entries or damages else None

    def _may_wait(self, entries: Sequence[Entry], most: int) -> bool:
        # A clock that was set back makes them come from the future: they wait no longer then, not for ever.
        return bool(entries) and len(entries) < most and 0 <= self._age_us(entries[0].received_us) < self._window_us

    def _age_us(self, received_us: int) -> int:
        return time.time_ns() // 1000 - received_us

    def _day(self, received_us: int) -> str:
        moment = datetime.fromtimestamp(received_us / 1e6, UTC)
        return moment.astimezone(self.workspace.site.zone).date().isoformat()

    def _commit(self, batch: Batch) -> None:
        then = self.state.copy()
        then.positions[batch.stream] = batch.end
        for damage in batch.damages:
            then.note(batch.stream, damage)
        if not batch.entries:
            self.state = then
            write_states(self.folder, then)
            return
        # The time of receipt names the batch; a clock that was set back must not make two alike.
        then.last_us = max(batch.entries[-1].received_us, self.state.last_us + 1)
        arrivals = self._arrivals(batch)
        for entry, arrival in zip(batch.entries, arrivals, strict=True):
            self._quarantine(batch.stream, entry, arrival)
            then.count(arrival.feed, self._day(then.last_us))
        then.carry = dict(self._metering.carry)
        with open_for_writing(self.workspace) as writer:
            write_states(self.folder, self.state, then)
            writer.commit(arrivals, to_datetime(then.last_us))
            self.state = then
            write_states(self.folder, then)

    def _arrivals(self, batch: Batch) -> list[Arrival]:
        if batch.stream == "meter":
            self._metering.carry = dict(self.state.carry)
            return self._metering.arrivals(batch.entries)
        return self._pool.decode([Kept.of(entry) for entry in batch.entries])

    def _quarantine(self, stream: str, entry: Entry, arrival: Arrival) -> None:
        """Keep what was set aside where its owner can look at it, offer it again or let it go."""
        if arrival.fate is None or arrival.code is None:
            return
        folder = self.workspace.quarantine_path
        keep_place(folder, arrival.digest, f"{arrival.feed}/{entry.sequence}", arrival.code, arrival.feed)
        notes = {key: value for key, value in entry.notes.items() if key != "set_aside"}
        head = json.dumps({"stream": stream, "notes": notes}).encode()
        handle = os.open(folder / f"{arrival.digest}{RECORD_SUFFIX}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(head + b"\n" + entry.payload)
            file.flush()
            os.fsync(file.fileno())

    def _trim(self) -> None:
        """Let go of segments that are worked off and older than their days."""
        oldest = time.time() - self.workspace.site.listen.keep_days * 86_400
        for stream in STREAMS:
            at = self.state.positions.get(stream, Position())
            for segment in segments(self.folder / stream):
                is_done = segment.number < at.segment
                if is_done and stream not in _KEPT_WHOLE and segment.path.stat().st_mtime <= oldest:
                    segment.path.unlink()


def _locked(folder: Path) -> int:
    """Be the one that works off a journal: the process of a killed server may still end its batch."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder / ".drain.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise WorkspaceBusyError("another process works off the receive journal; try again later") from None
    return handle


def waiting(workspace: Workspace, state: JournalState, *, is_live: bool = True) -> Iterator[Entry]:
    """Heads of the records that are not worked off yet."""
    for stream in STREAMS:
        after = state.positions.get(stream, Position())
        found = read_stream(spool_path(workspace) / stream, after, is_live=is_live, with_bodies=False)
        yield from (one for one in found if isinstance(one, Entry))


def spool_path(workspace: Workspace) -> Path:
    """Where a workspace keeps its receive journal."""
    return workspace.ledger_path / FOLDER
