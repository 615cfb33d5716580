"""Phases of CT examinations: the same part scanned again, what each takes, and what one phase less would have saved."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ecorad.factors import Factor, FactorBook
from ecorad.model import Origin, Quantity, worst_origin

from .columns import Columns, is_shared, texts
from .effective import METHOD, effective_dose_msv, factor_of, suits

# A localiser (constant angle) and the watch for contrast (stationary) are no phase.
_SCANS = frozenset({"spiral", "sequenced"})
# A scan at least this long beside the longest of its region covers the same part. [1]
_ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase of one examination; ``None`` is unknown. ``share`` is of the examination's tube energy or beam time."""

    protocol: str
    delay_s: float | None
    dlp_mgy_cm: float
    effective: Quantity | None
    share: float | None


@dataclass(frozen=True, slots=True)
class Phased:
    """Phases of one region of one study, in the order of time."""

    study_key: str
    patient_key: str
    device_key: str
    body_region: str
    phases: tuple[Phase, ...]


@dataclass(frozen=True, slots=True)
class PhasesFound:
    """Regions of studies by their phases; ``not_told`` counts those whose scans tell no length or no kind."""

    regions: tuple[Phased, ...]
    not_told: int


@dataclass(frozen=True, slots=True)
class Saving:
    """What one phase less saves, of the exam in the middle: the mean phase, between the low end of the smallest and
    the high end of the largest: which one can be left out is not for a program to say."""

    exams: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseGroup:
    """Exams of one device and region with the same number of phases; medians by place, ``None`` where not known."""

    device_key: str
    body_region: str
    exams: int
    protocols: tuple[str | None, ...]
    delays_s: tuple[float | None, ...]
    dlps_mgy_cm: tuple[float | None, ...]
    doses_msv: tuple[float | None, ...]
    energies_kwh: tuple[float | None, ...]
    saved_msv: Saving | None
    saved_kwh: Saving | None
    factors: tuple[str, ...]


def scan_length_cm(scan_length_mm: float, dlp_mgy_cm: float, ctdi_vol_mgy: float) -> float | None:
    """Length of a scan, as told or as dose-length product over index (IEC 60601-2-44); unknown where neither is there.

    >>> scan_length_cm(300.0, math.nan, math.nan), scan_length_cm(math.nan, 400.0, 10.0)
    (30.0, 40.0)
    """
    if not math.isnan(scan_length_mm) and scan_length_mm > 0:
        return scan_length_mm / 10
    found = dlp_mgy_cm / ctdi_vol_mgy if ctdi_vol_mgy > 0 else math.nan
    return None if math.isnan(found) else found


def phases_of(events: Columns, book: FactorBook) -> PhasesFound:
    """Phases by study and region: spiral or sequenced scans at least half as long as the longest there.

    Positions on the table are not in a dose report, so two scans side by side in one region look like two phases: this
    finds candidates, and a person must judge. Repeated and rejected scans are none.

    Parameters
    ----------
    events : Columns
        Of ``irradiation_event``, current.
    book : FactorBook
        Factors of effective dose.
    """
    kinds, modality = texts(events["event_type"]), texts(events["modality"])
    studies, regions = texts(events["study_key"]), texts(events["body_region"])
    dlp = events["dlp_mgy_cm"]
    groups: dict[tuple[str, str], list[int]] = {}
    beams: dict[str, list[int]] = {}
    untold: set[tuple[str, str]] = set()
    factors: _Factors = {}
    for row, kind in enumerate(kinds):
        if modality[row] != "CT" or not dlp[row] > 0:
            continue
        beams.setdefault(studies[row], []).append(row)
        place = (studies[row], regions[row])
        if not kind or not regions[row]:
            untold.add(place)
        elif kind in _SCANS and not _is_failed(events, row):
            groups.setdefault(place, []).append(row)
    found = []
    for place, rows in sorted(groups.items()):
        alike = None if place in untold else _alike(events, rows)
        if alike is None:
            untold.add(place)
        else:
            found.append(_phased(events, alike, beams[place[0]], book, factors))
    return PhasesFound(tuple(found), len(untold))


_Factors = dict[tuple[str, str, str], Factor | None]


def _is_failed(events: Columns, row: int) -> bool:
    return events["is_repeated"][row] is True or events["is_rejected"][row] is True


def _alike(events: Columns, rows: list[int]) -> list[int] | None:
    """Scans about as long as the longest; ``None`` where a length is not known and there is more than one."""
    if len(rows) == 1:
        return rows
    names = ("scan_length_mm", "dlp_mgy_cm", "ctdi_vol_mgy")
    lengths = [scan_length_cm(*(float(events[name][row]) for name in names)) for row in rows]
    known = [length for length in lengths if length is not None]
    if len(known) < len(rows):
        return None
    return [row for row, length in zip(rows, known, strict=True) if length >= _ALIKE * max(known)]


def _phased(events: Columns, rows: list[int], beams: list[int], book: FactorBook, factors: _Factors) -> Phased:
    starts = events["started_utc"]
    rows = sorted(rows, key=lambda row: (np.isnat(starts[row]), starts[row], str(events["irradiation_event_key"][row])))
    timed = not any(np.isnat(starts[row]) for row in rows)
    shares = _shares(events, rows, beams)
    phases = tuple(
        Phase(
            str(events["protocol_name"][row] or ""),
            float((starts[row] - starts[rows[0]]) / np.timedelta64(1, "s")) if timed else None,
            float(events["dlp_mgy_cm"][row]),
            _effective(events, row, book, factors),
            share,
        )
        for row, share in zip(rows, shares, strict=True)
    )
    first = rows[0]
    names = ("study_key", "patient_key", "device_key", "body_region")
    study, patient, device, region = (str(events[name][first] or "") for name in names)
    return Phased(study, patient, device, region, phases)


def _effective(events: Columns, row: int, book: FactorBook, factors: _Factors) -> Quantity | None:
    names = ("body_region", "age_band", "patient_sex", "phantom")
    region, age, sex, phantom = (str(events[name][row] or "") for name in names)
    what = (region, age or "adult", sex)
    if what not in factors:  # a look-up that finds nothing searches the book for near names
        factors[what] = factor_of(*what, book)
    factor = factors[what]
    if factor is None or not suits(region, age or "adult", phantom):
        return None
    dlp, (low, high) = float(events["dlp_mgy_cm"][row]), factor.interval95
    return Quantity(
        effective_dose_msv(dlp, factor.value),
        "mSv",
        low=effective_dose_msv(dlp, low),
        high=effective_dose_msv(dlp, high),
        origin=worst_origin([Origin.MODELLED, factor.origin]),
        factors=(factor.factor_id,),
        method=METHOD,
    )


def _shares(events: Columns, rows: list[int], beams: list[int]) -> list[float | None]:
    """Share of each phase in all beams of its study: by tube energy, by beam time where not every beam tells that."""
    # Of the few beams of one study: a column as a whole for each study would take time as its square.
    kv, ma, seconds = (events[name][beams] for name in ("kvp", "tube_current_ma", "irradiation_s"))
    for weights in (kv * ma * seconds, seconds):
        weight = dict(zip(beams, weights.tolist(), strict=True))
        total = sum(weight.values())
        if total > 0:
            return [weight[row] / total for row in rows]
    return [None] * len(rows)


def grouped(found: PhasesFound, marginal_kwh: Mapping[str, float]) -> tuple[PhaseGroup, ...]:
    """Groups with two phases or more, the largest first.

    Parameters
    ----------
    found : PhasesFound
        Of a period.
    marginal_kwh : mapping of study key to float
        Energy above idle of metered exams: what is there only because the exam is. [kWh]
    """
    groups: dict[tuple[str, str, int], list[Phased]] = {}
    for one in found.regions:
        if len(one.phases) > 1:
            groups.setdefault((one.device_key, one.body_region, len(one.phases)), []).append(one)
    rows = [_group(mine, marginal_kwh) for mine in groups.values()]
    return tuple(sorted(rows, key=lambda row: (-row.exams, row.device_key, row.body_region, len(row.delays_s))))


def _group(mine: Sequence[Phased], marginal_kwh: Mapping[str, float]) -> PhaseGroup:
    doses = [[_ends(phase.effective) for phase in one.phases] for one in mine]
    energies = [[_part(phase.share, marginal_kwh.get(one.study_key)) for phase in one.phases] for one in mine]
    effective = [phase.effective for one in mine for phase in one.phases if phase.effective is not None]
    return PhaseGroup(
        device_key=mine[0].device_key,
        body_region=mine[0].body_region,
        exams=len(mine),
        protocols=tuple(_name(mine, n) for n in range(len(mine[0].phases))),
        delays_s=_medians([[phase.delay_s for phase in one.phases] for one in mine]),
        dlps_mgy_cm=_medians([[phase.dlp_mgy_cm for phase in one.phases] for one in mine]),
        doses_msv=_medians([[ends and ends[0] for ends in row] for row in doses]),
        energies_kwh=_medians([[ends and ends[0] for ends in row] for row in energies]),
        saved_msv=_saving(doses),
        saved_kwh=_saving(energies),
        factors=tuple(sorted({factor for one in effective for factor in one.factors})),
    )


_Ends = tuple[float, float, float]


def _ends(dose: Quantity | None) -> _Ends | None:
    if dose is None or dose.value is None:
        return None
    return (dose.value, dose.value if dose.low is None else dose.low, dose.value if dose.high is None else dose.high)


def _part(share: float | None, kwh: float | None) -> _Ends | None:
    return None if share is None or kwh is None else (share * kwh,) * 3


def _name(mine: Sequence[Phased], place: int) -> str | None:
    """The commonest name of a phase, where enough exams and patients share it."""
    name, count = Counter(one.phases[place].protocol for one in mine).most_common(1)[0]
    patients = {one.patient_key for one in mine if one.phases[place].protocol == name}
    return name if name and is_shared(count, len(patients)) else None


def _medians(rows: Sequence[Sequence[float | None]]) -> tuple[float | None, ...]:
    """Median of each place over the exams that tell it."""
    found = []
    for place in zip(*rows, strict=True):
        known = [value for value in place if value is not None]
        found.append(float(np.median(known)) if known else None)
    return tuple(found)


def _saving(rows: Sequence[Sequence[_Ends | None]]) -> Saving | None:
    """Median over the exams that tell every phase; ``None`` where none does."""
    whole = [known for row in rows if len(known := [ends for ends in row if ends is not None]) == len(row)]
    if not whole:
        return None
    means = [float(np.mean([value for value, _, _ in row])) for row in whole]
    least = [min(low for _, low, _ in row) for row in whole]
    most = [max(high for _, _, high in row) for row in whole]
    return Saving(len(whole), *(float(np.median(values)) for values in (means, least, most)))
