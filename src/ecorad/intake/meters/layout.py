"""Where the readings of a meter file begin and what its columns are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ecorad.intake.written_numbers import read_number
from ecorad.model import DecodeError
from ecorad.model.site import MeterKind

from .stamps import is_clock, stamp_kind
from .vocabulary import ROLES, Role, header_kind, known_unit, name_and_unit, role_words, value_score

Row = tuple[int, list[str]]
_SAMPLE = 40
_MOST_DAYS = 31.0
# IEC 60038: 120, 230 and 400 V, a tenth up and down.
_MAINS_V = ((108.0, 132.0), (207.0, 253.0), (360.0, 440.0))


# How a logger made each column of its readings, in a row of its own below the units.
_MADE_HOW = frozenset(["", "avg", "tot", "smp", "max", "min", "std", "sum", "mean"])


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one file, by place from 0.

    ``header`` is empty when the file has none. ``clock`` is the column of the time of day where date and time stand
    apart, ``end`` and ``end_clock`` are those of the end of the interval, ``others`` counts columns that could have
    been the value as well. ``added`` are columns whose numbers are added to the value, ``unit`` holds the unit of each
    row. ``series`` are columns that say what or whose a row is and of which there may be one value only; ``chosen`` are
    those of which ``site.toml`` says which values count; ``factor`` holds what a reading may be multiplied with.
    """

    first_row: int
    width: int
    header: tuple[str, ...]
    time: int
    value: int
    clock: int | None = None
    end: int | None = None
    end_clock: int | None = None
    meter_id: int | None = None
    others: int = 0
    added: tuple[int, ...] = ()
    unit: int | None = None
    series: tuple[int, ...] = ()
    chosen: tuple[tuple[int, frozenset[str]], ...] = ()
    factor: int | None = None

    @property
    def value_header(self) -> str:
        """Header of the value column, empty when there is none."""
        return self.header[self.value] if self.header else ""

    @property
    def time_header(self) -> str:
        """Header of the time column, empty when there is none."""
        return self.header[self.time] if self.header else ""


def find_layout(
    rows: Sequence[Row],
    columns: Mapping[str, str] | None = None,
    kind: MeterKind | None = None,
    only: Mapping[str, tuple[str, ...]] | None = None,
) -> Layout:
    """Find header and columns in the first rows of a file.

    Parameters
    ----------
    rows : sequence of (line number, cells)
        The first rows, preamble included.
    columns : mapping, optional
        Headers (or numbers from 1) of ``time``, ``value``, ``end``, ``meter_id`` as ``site.toml`` names them;
        ``value`` may name several to be added, with `` + `` between them.
    kind : {"power", "interval", "register"}, optional
        Decides between several columns of readings.
    only : mapping of header to texts, optional
        The rows that count.

    Raises
    ------
    DecodeError
        ``ecorad.meter.no_readings`` when no row holds a time and a number, ``ecorad.meter.column_missing`` when a named
        column is not there, ``ecorad.meter.value_column`` when several columns could be the readings,
        ``ecorad.meter.no_header`` when there are several and no header, ``ecorad.meter.header_width`` when rows have
        more cells than the header.
    """
    named = dict(columns or {})
    holding = [i for i in range(len(rows)) if _holds_reading(rows[i][1])]
    if not holding:
        raise DecodeError("no row holds a time and a number", code="ecorad.meter.no_readings")
    start = next((i for i in holding if _goes_on(rows[i:])), holding[0])
    width = _used_width(rows[start:])
    header = _header([cells for _, cells in rows[:start]], width)
    body = [cells for _, cells in rows[start : start + _SAMPLE] if len(cells) >= width and _holds_reading(cells)]
    if start and not header and 1 < len(rows[start - 1][1]) < width and body[0][-1].strip():
        # Such as 9,5 between commas: to go on would read 9.
        raise DecodeError("rows have more cells than the header has names", code="ecorad.meter.header_width")
    summed = _summed(header, width, named.pop("value", None))
    known = {role: _named(header, width, name, role) for role, name in named.items()}
    if summed:
        known["value"] = summed[0]
    layout = _times(header, body, known, Layout(rows[start][0], width, header, -1, -1, added=summed[1:]))
    layout = replace(
        layout,
        unit=next(
            (i for i in range(width) if header and _has_role(header[i], "unit") and _mostly_units(body, i)), None
        ),
        chosen=tuple((_named(header, width, name, "only"), frozenset(texts)) for name, texts in (only or {}).items()),
    )
    return _with_series(_value(layout, body, known, kind))


def _summed(header: Sequence[str], width: int, name: str | None) -> tuple[int, ...]:
    """The places of the columns that make the value: one, or several that are added."""
    if name is None:
        return ()
    if " + " not in name or _plain(name) in map(_plain, header):
        return (_named(header, width, name, "value"),)
    return tuple(_named(header, width, part, "value") for part in name.split(" + "))


def _with_series(layout: Layout) -> Layout:
    taken = {layout.time, layout.value, layout.clock, layout.end, layout.meter_id, layout.unit, *layout.added}
    taken |= {place for place, _ in layout.chosen}
    places = (i for i, cell in enumerate(layout.header[: layout.width]) if i not in taken and _is_series(cell))
    factors = (
        i for i, cell in enumerate(layout.header[: layout.width]) if i not in taken and _has_role(cell, "factor")
    )
    return replace(layout, series=tuple(places), factor=next(factors, None))


def _used_width(rows: Sequence[Row]) -> int:
    """Cells of the first row, without those at its end that are empty in every row."""
    first = len(rows[0][1])
    used = (len(cells) - next((i for i, c in enumerate(reversed(cells)) if c.strip()), len(cells)) for _, cells in rows)
    return min(first, max(used, default=first))


def _holds_reading(cells: Sequence[str]) -> bool:
    times = [i for i, cell in enumerate(cells) if stamp_kind(cell)]
    if not times:
        return False
    return len(times) > 1 or any(_is_number(cell) for i, cell in enumerate(cells) if i not in times and cell.strip())


def _goes_on(rows: Sequence[Row]) -> bool:
    """Whether readings further down have their time in the same place, so that no date above is taken for one."""
    place = _time_place(rows[0][1])
    places = [_time_place(cells) for _, cells in rows[1:21] if _holds_reading(cells)]
    return sum(other == place for other in places) >= len(places) / 2


def _time_place(cells: Sequence[str]) -> int:
    return next(i for i, cell in enumerate(cells) if stamp_kind(cell))


def _is_number(cell: str) -> bool:
    return read_number(cell) is not None or read_number(cell, ",") is not None or _without_unit(cell) is not None


def _without_unit(cell: str) -> float | None:
    number, _, unit = cell.strip().rpartition(" ")
    return read_number(number, "," if "," in number else ".") if number and known_unit(unit) else None


def _header(before: Sequence[Sequence[str]], width: int) -> tuple[str, ...]:
    """The nearest row above the readings that holds words only; a row of units below it is joined to it."""
    found: list[str] | None = None
    for cells in reversed(before[-3:]):
        cleaned = [cell.strip().lstrip("#").strip() for cell in cells]
        if len(cleaned) < width or not any(cleaned) or any(_is_reading(cell) for cell in cleaned):
            continue
        if all(cell.lower() in _MADE_HOW for cell in cleaned):
            continue
        if found is not None:
            return tuple(f"{a} [{b}]" if b and a else a or b for a, b in zip(cleaned, found, strict=False))
        if not all(not cell or known_unit(cell) or len(cell) <= 2 for cell in cleaned):
            return tuple(cleaned)
        found = cleaned
    return tuple(found or ())


def _is_reading(cell: str) -> bool:
    return any(ch.isdecimal() for ch in cell) and (read_number(cell) is not None or stamp_kind(cell) is not None)


def _named(header: Sequence[str], width: int, name: str, role: str) -> int:
    found = [place for place, cell in enumerate(header) if _plain(cell) == _plain(name)]
    if len(found) > 1:
        raise DecodeError(
            f"several columns are called like the {role} column of site.toml: give its number",
            code="ecorad.meter.value_column",
        )
    if found:
        return found[0]
    if name.strip().isdecimal() and 1 <= int(name) <= width:
        return int(name) - 1
    raise DecodeError(f"the {role} column that site.toml names is not there", code="ecorad.meter.column_missing")


def _plain(cell: str) -> str:
    return " ".join(cell.lower().split())


def _times(header: tuple[str, ...], body: list[list[str]], known: Mapping[str, int], layout: Layout) -> Layout:
    places = range(layout.width)
    taken = set(known.values())
    stamps = [i for i in places if i not in taken and _mostly(body, i, lambda cell: stamp_kind(cell) is not None)]
    stamps = [i for i in stamps if i == known.get("time") or not _are_amounts(header, body, i)]
    # A time that never changes is that of the export or of the query.
    stamps = [i for i in stamps if len({row[i] for row in body}) > 1] or stamps
    clocks = [i for i in places if i not in taken and _mostly(body, i, is_clock)]
    ends = [i for i in stamps if header and _has_role(header[i], "end")]
    time = known.get("time")
    if time is None:
        time = _best_time(header, body, [i for i in stamps if i not in ends] or stamps)
    end = known.get("end", next((i for i in ends if i != time), None))
    clock = next((i for i in clocks if i not in (time, end)), None)
    if clock is not None and not _mostly(body, time, _is_date_only):
        clock = None
    end_clock = None
    if end is not None and "end" not in known and _mostly(body, end, _is_date_only):
        end_clock = next((i for i in clocks if i not in (time, end, clock)), None)
        end = end if end_clock is not None or clock is None else None  # days alone do not end quarters
    found = [i for i in places if header and i != time and _has_role(header[i], "meter_id")]
    meter_id = known.get("meter_id", found[0] if found else None)
    return replace(layout, time=time, clock=clock, end=end, end_clock=end_clock, meter_id=meter_id)


def _are_amounts(header: tuple[str, ...], body: list[list[str]], place: int) -> bool:
    """Whether what could be days since 1899 is something else: a power, or seconds, which step by more than a month."""
    if any(stamp_kind(row[place]) not in ("serial", None) for row in body):
        return False
    if header and value_score(header[place]) >= 2:
        return True
    days = [day for row in body if (day := _read(row[place])) is not None]
    steps = sorted(abs(b - a) for a, b in pairwise(days) if b != a)
    return bool(steps) and steps[len(steps) // 2] > _MOST_DAYS


def _best_time(header: tuple[str, ...], body: list[list[str]], stamps: list[int]) -> int:
    def rank(place: int) -> tuple[int, int, int]:
        kind = next((found for row in body if (found := stamp_kind(row[place]))), None)
        is_named = bool(header) and (_has_role(header[place], "time") or _has_role(header[place], "date"))
        return (0 if is_named else 1, ("text", "unusual", "compact", "epoch", "serial").index(kind or "serial"), place)

    if not stamps:
        raise DecodeError("no column holds times", code="ecorad.meter.no_readings")
    return min(stamps, key=rank)


def _value(layout: Layout, body: list[list[str]], known: Mapping[str, int], kind: MeterKind | None) -> Layout:
    if "value" in known:
        return replace(layout, value=known["value"])
    times = {layout.time, layout.clock, layout.end, layout.end_clock, layout.meter_id, layout.unit}
    places = [i for i in range(layout.width) if i not in times and _mostly(body, i, _is_number)]
    if not layout.header:
        if not places:
            raise DecodeError("no column holds numbers", code="ecorad.meter.no_readings")
        if len(places) > 2 or (len(places) == 2 and not _is_finer(body, *places)):
            raise DecodeError("several columns hold numbers and there is no header", code="ecorad.meter.no_header")
        return replace(layout, value=places[0], others=len(places) - 1)
    places = [i for i in places if value_score(layout.header[i]) > 0 or not _mostly(body, i, _is_stamp)]
    scores = {i: value_score(layout.header[i]) + _fits(layout.header[i], kind) for i in places}
    scores = {i: score for i, score in scores.items() if score >= 0}
    # The number of a register or a channel is no reading where there is another column of numbers.
    scores = {i: score for i, score in scores.items() if not _is_series(layout.header[i])} or scores
    if not scores:
        raise DecodeError("no column holds power or energy", code="ecorad.meter.no_readings")
    best = max(scores.values())
    top = [i for i, score in scores.items() if score == best]
    by_kind = {header_kind(layout.header[i]) for i in top}
    if len(top) > 1 and len(by_kind) < len(top):
        raise DecodeError("several columns could be meant; name one in site.toml", code="ecorad.meter.value_column")
    order = ("power", "interval", "register", None)
    chosen = min(top, key=lambda i: order.index(header_kind(layout.header[i])))
    rivals = sum(score >= 2 for i, score in scores.items() if i != chosen)
    return replace(layout, value=chosen, others=rivals)


def _fits(header: str, kind: MeterKind | None) -> float:
    found = header_kind(header)
    if kind == "register" and found == "interval":
        return 2.0  # "energy" is what many counters are called
    return 4.0 if kind is not None and found == kind else 0.0


def _is_finer(body: list[list[str]], first: int, second: int) -> bool:
    """Whether a first column may be the readings and a second one their mean over some seconds, as plug meters write.

    Mains voltage beside power is not: the first column then never leaves its band.
    """
    pairs = [(a, b) for row in body if (a := _read(row[first])) is not None and (b := _read(row[second])) is not None]
    at_mains = all(any(low <= a <= high for low, high in _MAINS_V) for a, _ in pairs)
    return not at_mains and sum(b <= 1.5 * a for a, b in pairs) * 2 >= len(pairs)


def _read(cell: str) -> float | None:
    return read_number(cell, "," if "," in cell else ".")


def _mostly_units(body: list[list[str]], place: int) -> bool:
    return _mostly(body, place, lambda cell: known_unit(cell) is not None)


def _has_role(header: str, role: Role) -> bool:
    words = role_words(header)
    return words in ROLES[role] or (bool(words) and role_words(name_and_unit(words)[0]) in ROLES[role])


def _is_stamp(cell: str) -> bool:
    return stamp_kind(cell) is not None


def _is_series(header: str) -> bool:
    return _has_role(header, "series") and known_unit(name_and_unit(header)[1]) is None


def _is_date_only(cell: str) -> bool:
    return stamp_kind(cell) is not None and ":" not in cell


def _mostly(body: list[list[str]], place: int, test: Callable[[str], bool]) -> bool:
    cells = [row[place] for row in body]
    return sum(test(cell) for cell in cells) * 2 > len(cells)
