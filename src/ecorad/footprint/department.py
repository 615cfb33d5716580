"""One department: every meter and device, what is known of them, and what they add up to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ecorad.model import Issue

from .device import from_metered, from_model, from_shared, nothing_known
from .energy.allocation import Split, split, unexplained
from .energy.in_use import in_use
from .energy.join import LEAST_KNOWN
from .energy.missing import Missing, estimate_missing
from .energy.opening import from_site
from .energy.spans import clipped, span_us
from .energy.tiers import tier_one, tier_two
from .energy.windows import scan_hours
from .feeders import add_feeders, feeds_known, without_what_is_behind
from .inputs import DepartmentInput, DeviceInput, MeterInput
from .metered import UNRELATED, assess_metered, exam_windows, find_clock, find_opening, meter_terms
from .plausibility import IMPLAUSIBLE, is_absurd
from .reconciliation import NOTHING_KNOWN, Table, Uses, by_day, unread_days
from .results import DepartmentEnergy, DeviceEnergy, MeterEnergy
from .shared import SharedMeter, assess_shared
from .summary import by_meter, summarise
from .uncertainty import Term

METER_WITHOUT_DEVICE = "ecorad.energy.meter_without_device"
METER_UNREAD = "ecorad.energy.meter_unread"
METER_TOO_SHORT = "ecorad.energy.meter_too_short"
NO_MODEL = "ecorad.energy.no_model"
NOT_SEEN = "ecorad.energy.not_seen"
SPARSE_RECORDS = "ecorad.energy.sparse_records"
# Below this share of the period a device counts as known from a sample only.
SPARSE = 0.5
NO_METER = "ecorad.energy.no_meter"
METER_WITHOUT_EXAMS = "ecorad.energy.meter_without_exams"
DAYS_UNREAD = "ecorad.energy.days_unread"
EXAMS_UNREAD = "ecorad.energy.exams_unread"
FITS_OTHER = "ecorad.energy.fits_other_meter"


@dataclass
class _Rows:
    """What has been worked out so far."""

    devices: dict[str, DeviceEnergy] = field(default_factory=dict)
    meters: dict[str, MeterEnergy] = field(default_factory=dict)
    terms: list[Term] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)


def assess(department: DepartmentInput) -> DepartmentEnergy:
    """Energy and CO2e of one department over one period.

    Each device by the best tier it has data for: its own meter (3), a meter it shares (3, states not named), published
    powers times durations (2), a published year (1), or nothing, which is said and not counted as 0.

    Parameters
    ----------
    department : DepartmentInput
        Devices with their acquisitions, meters with their readings, choices and factors.

    Returns
    -------
    DepartmentEnergy
        Devices and meters in the order they were given.
    """
    department = replace(department, meters=[_inside(meter, department) for meter in department.meters])
    known = {device.device_key: device for device in department.devices}
    rows = _Rows()
    for meter in department.meters:
        rows.issues += _read_issues(meter, department)
    cooling = [meter for meter in department.meters if meter.cooling]
    power = [meter for meter in department.meters if not meter.cooling]
    own = _own_meters(power, known, department, rows)
    power, feeders = without_what_is_behind(power, own, known, zone=department.zone)
    own |= _own_meters([meter for meter in power if meter.meter_key in feeders], known, department, rows)
    for key, meters in own.items():
        _metered(known[key], meters, department, rows)
    _name_swapped(own, known, department, rows)
    for meter in power:
        if meter.meter_key not in rows.meters:
            _shared_or_unexplained(meter, known, department, rows)
    add_feeders(feeders, rows.meters, rows.issues, department)
    for device in department.devices:
        if device.device_key not in rows.devices:
            _unmetered(device, department, rows)
    _cooling(cooling, department, rows)
    cooling_terms = [term for meter in cooling for term in meter_terms(meter, rows.meters[meter.meter_key].missing)]
    devices = tuple(rows.devices[device.device_key] for device in department.devices)
    return summarise(
        department,
        devices,
        tuple(rows.meters[meter.meter_key] for meter in department.meters),
        terms=rows.terms,
        cooling_terms=cooling_terms,
        feeder_day=by_meter({key: feeder.days for key, feeder in feeders.items()}),
        issues=(*rows.issues, *(issue for device in devices for issue in device.issues)),
    )


def _own_meters(
    power: Sequence[MeterInput], known: dict[str, DeviceInput], department: DepartmentInput, rows: _Rows
) -> dict[str, list[MeterInput]]:
    """Usable meters that feed a single device, by device."""
    own: dict[str, list[MeterInput]] = {}
    for meter in power:
        feeds = feeds_known(meter, known)
        if len(feeds) == 1 and _is_usable(meter, department, rows):
            own.setdefault(feeds[0], []).append(meter)
    return own


def _read_issues(meter: MeterInput, department: DepartmentInput) -> list[Issue]:
    """What is to be said of when a meter was read."""
    if not np.any(meter.trace.is_known):
        return [Issue(METER_UNREAD, where=meter.meter_key)]
    days = unread_days(meter.trace, department.zone)
    return [Issue(DAYS_UNREAD, where=meter.meter_key, count=days)] if days else []


def _name_swapped(
    own: dict[str, list[MeterInput]], known: dict[str, DeviceInput], department: DepartmentInput, rows: _Rows
) -> None:
    """Of devices whose meter does not follow them: which other meter does.

    Where that one is not its own device's either, the two are swapped: both count, but for neither device.
    """
    doubtful = [key for key in own if key not in rows.devices or _is_unrelated(rows.devices[key])]
    swapped: dict[str, list[Issue]] = {}
    for key in doubtful:
        for name in (name for name in own if name != key):
            for other in own[name] if name in doubtful or key in rows.devices else ():
                clock = find_clock(known[key], other.trace, department.zone)
                if clock is None or not clock.is_known:
                    continue
                issue = Issue(FITS_OTHER, where=known[key].alias or key, detail=other.meter_key)
                if name in doubtful:
                    swapped.setdefault(key, []).append(issue)
                else:
                    rows.issues.append(issue)
    # What belongs to one of a pair does not belong to the other.
    for key in (key for key in swapped if len(swapped) > 1):
        _withhold(known[key], own[key], department, rows)
    rows.issues += [issue for issues in swapped.values() for issue in issues]


def _is_unrelated(one: DeviceEnergy) -> bool:
    return any(issue.code == UNRELATED for issue in one.issues)


def _withhold(device: DeviceInput, meters: Sequence[MeterInput], department: DepartmentInput, rows: _Rows) -> None:
    """Nothing is told of a device whose meter is another's; what the meter read stays in the total."""
    told = rows.devices.get(device.device_key)
    if told is not None:
        rows.terms = [term for term in rows.terms if all(term is not one for one in told.energy_terms)]
    for meter in meters:
        rows.terms += meter_terms(meter, rows.meters[meter.meter_key].missing)
    found = exam_windows(device, None, department.zone)
    bare = nothing_known(device, found, find_opening(found, department), "meter_swapped")
    issues = () if told is None else told.issues
    rows.devices[device.device_key] = replace(bare, meters=tuple(one.meter_key for one in meters), issues=issues)


def _inside(meter: MeterInput, department: DepartmentInput) -> MeterInput:
    return replace(meter, trace=meter.trace.within(department.first_us, department.last_us))


def _is_usable(meter: MeterInput, department: DepartmentInput, rows: _Rows) -> bool:
    """Whether a meter was read long enough to speak for its device."""
    if not np.any(meter.trace.is_known):
        return False
    missing = estimate_missing(meter.trace, department.zone, department.first_us, department.last_us)
    if missing.energy_kwh is None:
        detail = f"{meter.trace.known_h:.1f} h read"
        rows.issues.append(Issue(METER_TOO_SHORT, where=meter.meter_key, detail=detail))
    return missing.energy_kwh is not None


def _metered(device: DeviceInput, meters: Sequence[MeterInput], department: DepartmentInput, rows: _Rows) -> None:
    found = assess_metered(device, meters, department)
    where = device.alias or device.device_key
    if is_absurd(found.scale):
        # Left out of the totals: the device is modelled as one without a meter.
        rows.issues.append(Issue(IMPLAUSIBLE, where=where, detail=f"{found.scale:.2g} times"))
        for meter, missing in zip(meters, found.missing, strict=True):
            days = by_day(meter.trace, NOTHING_KNOWN, department.zone)
            rows.meters[meter.meter_key] = _meter_row(
                meter, (device.device_key,), unexplained(meter.trace), missing, days
            )
        return
    if not len(device.study_key):
        rows.issues.append(Issue(METER_WITHOUT_EXAMS, where=where))
    unread = int(np.count_nonzero(found.exams.known_fraction < LEAST_KNOWN))
    if unread:
        rows.issues.append(Issue(EXAMS_UNREAD, where=where, count=unread))
    for meter, part, balance, missing in zip(meters, found.splits, found.days, found.missing, strict=True):
        rows.meters[meter.meter_key] = _meter_row(meter, (device.device_key,), part, missing, balance)
    rows.terms += found.energy_terms
    rows.devices[device.device_key] = from_metered(device, meters, found, department)


def _shared_or_unexplained(
    meter: MeterInput, known: dict[str, DeviceInput], department: DepartmentInput, rows: _Rows
) -> None:
    feeds = feeds_known(meter, known)
    period = (department.first_us, department.last_us)
    if len(feeds) < 2 or not np.any(meter.trace.is_known):
        missing = estimate_missing(meter.trace, department.zone, *period)
        days = by_day(meter.trace, NOTHING_KNOWN, department.zone)
        rows.meters[meter.meter_key] = _meter_row(meter, feeds, unexplained(meter.trace), missing, days)
        if not feeds:
            rows.issues.append(Issue(METER_WITHOUT_DEVICE, where=meter.meter_key))
            # With a device, a meter hardly read gives way to what is published; without one it is all there is.
            rows.terms += meter_terms(meter, missing) if np.any(meter.trace.is_known) else []
        return
    found: SharedMeter = assess_shared([known[key] for key in feeds], meter, department)
    rows.meters[meter.meter_key] = _meter_row(meter, feeds, found.split, found.missing, found.days)
    rows.terms += meter_terms(meter, found.missing)
    rows.issues += found.issues
    for key in feeds:
        rows.devices[key] = from_shared(known[key], found, department)


def _unmetered(device: DeviceInput, department: DepartmentInput, rows: _Rows) -> None:
    found = exam_windows(device, None, department.zone)
    if len(found.exam):
        rows.issues.append(Issue(NO_METER, where=device.alias or device.device_key, count=len(found.exam)))
    period = (department.first_us, department.last_us)
    opening = find_opening(found, department)
    scan_h = scan_hours(found, device.modality, len(device.study_key))[found.exam]
    powers = department.power_states.get(device.modality or "", {})
    hours = None if opening is None else clipped(*opening.spans, *period)
    # Records may be a sample: only where they show the device in use is it modelled as standing by.
    spans = in_use(np.concatenate((device.acquisition_start_us, device.study_start_us)), department.zone, *period)
    if not len(spans[0]):
        issue = Issue(NOT_SEEN, where=device.alias or device.device_key)
        rows.devices[device.device_key] = nothing_known(device, found, opening, "no_records", issue)
        return
    model = tier_two(
        device.device_key,
        powers,
        found.exam_start_us,
        found.exam_end_us,
        scan_h=scan_h,
        opening=hours,
        in_use=spans,
    )
    annual = department.annual_energy.get(device.modality or "")
    if model is None and annual is not None:
        window_h = np.maximum((found.exam_end_us - found.exam_start_us) / 3.6e9, scan_h)
        model = tier_one(annual, len(found.exam), window_h, span_us(spans) / 3.6e9)
    if model is None:
        issue = Issue(NO_MODEL, where=device.alias or device.device_key, detail=device.modality or "")
        rows.devices[device.device_key] = nothing_known(device, found, opening, "no_factor", issue)
        return
    if span_us(spans) < SPARSE * (department.last_us - department.first_us):
        rows.issues.append(Issue(SPARSE_RECORDS, where=device.alias or device.device_key))
    rows.terms += model.energy
    rows.devices[device.device_key] = from_model(device, found, opening, model, department)


def _cooling(meters: Sequence[MeterInput], department: DepartmentInput, rows: _Rows) -> None:
    """Cooling has no exams of its own: what is known of its use is whether the department was open."""
    period = (department.first_us, department.last_us)
    for meter in meters:
        missing = estimate_missing(meter.trace, department.zone, *period)
        feeds = tuple(dict.fromkeys(meter.feeds))
        if department.opening_hours:
            none = np.zeros(0, dtype=np.int64)
            spans = from_site(department.opening_hours, department.zone, *period).spans
            part = split(meter.trace, none, none, spans)
        else:
            part = unexplained(meter.trace)
        days = by_day(meter.trace, Uses(is_cooling=True), department.zone)
        rows.meters[meter.meter_key] = _meter_row(meter, feeds, part, missing, days)


def _meter_row(meter: MeterInput, devices: tuple[str, ...], part: Split, missing: Missing, days: Table) -> MeterEnergy:
    resolution = meter.trace.resolution_s
    return MeterEnergy(
        meter_key=meter.meter_key,
        devices=devices,
        cooling=meter.cooling,
        split=part,
        resolution_s=resolution if np.isfinite(resolution) else None,
        accuracy_percent=meter.accuracy_percent,
        read_h=meter.trace.known_h,
        missing=missing,
        days=days,
    )
