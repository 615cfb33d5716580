"""Samples of meters to readings: each batch begins with the last sample of the one before, so that none is lost.

The rows go through the same decoder as a meter's file. An interval is stored when the sample that ends it has come.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ecorad.intake.decoding import Decoder
from ecorad.intake.defects import DEFECT, defect_issue
from ecorad.intake.identity import Pseudonymiser
from ecorad.intake.sources import Input
from ecorad.ledger.batch import Arrival, ReadingBlock
from ecorad.ledger.spool import Entry
from ecorad.model import Outcome, Site
from ecorad.model.clock import MICROSECONDS_PER_DAY

from .arrivals import Kept, set_aside
from .samples import Sample, of_lines, of_message

Carry = dict[str, tuple[int, str]]
_EARLIEST_US = 946_684_800_000_000  # 2000-01-01, as of meters' files
# Clocks of meters are off by minutes or, where the zone is wrong, by hours. What is ahead by more is a slip, as of
# nanoseconds sent for seconds, and would make all that comes later look late.
_AHEAD_US = MICROSECONDS_PER_DAY


@dataclass(slots=True)
class Metering:
    """Turns batches of meter records into arrivals; ``carry`` is the last sample of each meter."""

    site: Site
    pseudonymiser: Pseudonymiser
    carry: Carry = field(default_factory=dict)
    _told: set[tuple[str, str]] = field(default_factory=set)

    def arrivals(self, entries: Sequence[Entry]) -> list[Arrival]:
        """One arrival a record, in order; readings stand with the last record that gave samples of their meter."""
        found: list[Arrival] = []
        rows: dict[str, list[tuple[int, str]]] = {}
        closing: dict[str, int] = {}
        for entry in entries:
            arrival, samples = self._guarded(entry)
            for sample in samples:
                rows.setdefault(sample.meter, []).append((sample.time_us, sample.value))
                closing[sample.meter] = len(found)
            found.append(arrival)
        for meter in sorted(rows):
            place = closing[meter]
            try:
                found[place] = self._with_readings(found[place], meter, rows[meter])
            except Exception as error:  # noqa: BLE001 - see _guarded
                issues = (*found[place].issues, defect_issue(error))
                lost = found[place].rows_quarantined + len(rows[meter])
                found[place] = replace(found[place], issues=issues, rows_quarantined=lost)
        return found

    def _guarded(self, entry: Entry) -> tuple[Arrival, list[Sample]]:
        """A fault of ours must not stop all that comes after: it would stand in the way again at each new start."""
        try:
            return self._message(entry)
        except Exception as error:  # noqa: BLE001 - any fault
            return replace(set_aside(Kept.of(entry), DEFECT), issues=(defect_issue(error),)), []

    def _message(self, entry: Entry) -> tuple[Arrival, list[Sample]]:
        kept = Kept.of(entry)
        said = list(self._samples(kept, entry.received_us))
        samples = [one for one in said if one is not None]
        known = [one for one in samples if self.site.meter(one.meter) is not None]
        # A value without a time of its own is new each time it comes.
        is_timed = any(one.time_us != entry.received_us for one in samples)
        told = json.dumps([kept.feed, kept.notes.get("target"), 0 if is_timed else entry.received_us]).encode()
        notes = {**kept.notes, "repeat": hashlib.sha256(told + kept.payload).hexdigest()}
        kept = Kept(notes, kept.payload)
        timed = [one for one in known if _EARLIEST_US <= one.time_us <= entry.received_us + _AHEAD_US]
        if not timed:
            code = "meter_time" if known else "unknown_meter" if samples else "meter_payload"
            return replace(set_aside(kept, f"ecorad.service.{code}"), bytes=len(kept.payload)), []
        arrival = Arrival(
            digest=kept.digest,
            feed=kept.feed,
            kind="meter",
            bytes=len(kept.payload),
            rows_quarantined=len(said) - len(timed),
        )
        return arrival, timed

    def _samples(self, kept: Kept, received_us: int) -> Iterable[Sample | None]:
        if "target" in kept.notes:
            return [of_message(kept.payload, str(kept.notes["target"]), received_us)]
        columns = {meter.id: meter.columns["value"] for meter in self.site.meters if "value" in meter.columns}
        return of_lines(kept.payload, str(kept.notes.get("precision", "ns")), received_us, columns)

    def _with_readings(self, arrival: Arrival, meter: str, new: list[tuple[int, str]]) -> Arrival:
        last = self.carry.get(meter)
        late = [row for row in new if last is not None and row[0] < last[0]]
        rows = sorted({row for row in new if last is None or row[0] > last[0]} | ({last} if last else set()))
        decoded = [self._decode(meter, sorted(set(late)), arrival, None, None)] if late else []
        if rows and rows[-1] != last:
            decoded.append(self._decode(meter, rows, arrival, last[0] if last else None, rows[-1][0]))
            self.carry[meter] = rows[-1]
        for one in decoded:
            arrival = replace(
                arrival,
                readings=(*arrival.readings, *one.readings),
                issues=(*arrival.issues, *one.issues),
                rows_quarantined=arrival.rows_quarantined + one.rows_quarantined,
            )
        return arrival

    def _decode(
        self, meter: str, rows: list[tuple[int, str]], arrival: Arrival, first_us: int | None, last_us: int | None
    ) -> Arrival:
        """Rows through the decoder of meter files; only intervals between ``first_us`` and ``last_us`` are taken."""
        entry = self.site.meter(meter)
        columns = entry.columns if entry else {}
        lines = [f"{columns.get('time', 'time')};{columns.get('value', 'value')}"]
        lines += [f"{datetime.fromtimestamp(t / 1e6, UTC).isoformat()};{value}" for t, value in rows]
        content = "\n".join(lines).encode()
        decoder = Decoder(self.site, self.pseudonymiser, meter)
        found = decoder.decode(Input(f"{meter}.live", f"{meter}.csv", len(content), content=content))
        if found.fate in {Outcome.QUARANTINED, Outcome.REFUSED}:
            # One sample alone tells no energy: it waits for the next. More than that is for somebody to look at.
            return replace(found, rows_quarantined=0 if len(rows) == 1 else len(rows))
        # What holds for a meter as such is told once, not every few minutes.
        issues = tuple(one for one in found.issues if (meter, one.code) not in self._told)
        self._told |= {(meter, one.code) for one in issues}
        readings = tuple(_within(block, first_us, last_us) for block in found.readings)
        return replace(found, readings=readings, issues=issues)


def _within(block: ReadingBlock, first_us: int | None, last_us: int | None) -> ReadingBlock:
    taken = block.start_us >= (block.start_us.min() if first_us is None else first_us)
    if last_us is not None:
        taken &= block.end_us <= last_us
    return ReadingBlock(
        block.meter_key,
        block.start_us[taken],
        block.end_us[taken],
        block.energy_kwh[taken],
        block.flags[taken],
        block.zone_source,
    )
