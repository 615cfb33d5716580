"""The records that travel between rooms, frozen; one dataclass a table of the data dictionary.

Field names, order and types are those of ``model/tables/<table>.csv`` (a test holds the two together), where unit,
meaning and source of each field stand. The columns that the ledger adds (``feed``, ``received_at``, ``version``) are
not fields: a record is what a source said, not what became of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, datetime
from operator import attrgetter
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What every record carries from the input it came from."""

    record_key: str
    source_digest: str
    event_time_utc: datetime | None
    event_zone: str | None

    def __reduce__(self) -> tuple[Any, ...]:
        """Travels between processes as its values: ten times as fast as field by field."""
        return _remade, (type(self), _layout(type(self))[0](self))


_Layout = tuple[Callable[[Record], tuple[Any, ...]], tuple[Callable[..., None], ...]]
_layouts: dict[type[Record], _Layout] = {}


def _layout(kind: type[Record]) -> _Layout:
    """What gives the values of a record, and what puts each into its place."""
    known = _layouts.get(kind)
    if known is None:
        names = [one.name for one in fields(kind)]
        known = _layouts[kind] = attrgetter(*names), tuple(getattr(kind, name).__set__ for name in names)
    return known


def _remade(kind: type[Record], values: tuple[Any, ...]) -> Record:
    made = object.__new__(kind)
    for put, value in zip(_layout(kind)[1], values, strict=True):
        put(made, value)
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Device(Record):
    """A scanner, workstation or other device, and the period for which its entry holds."""

    device_key: str
    alias: str | None = None
    modality: str | None = None
    manufacturer: str | None = None
    manufacturer_model_name: str | None = None
    field_strength_t: float | None = None
    valid_from_utc: datetime | None = None
    valid_to_utc: datetime | None = None
    is_registered: bool
    instances: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter(Record):
    """A meter of the register and the devices it feeds."""

    meter_key: str
    kind: str
    unit: str
    feeds: str
    cooling: bool
    accuracy_percent: float
    first_utc: datetime | None = None
    last_utc: datetime | None = None
    readings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance(Record):
    """One DICOM object, header only: the unit received; study, series, device, administration are folded from it."""

    study_key: str
    series_key: str
    patient_key: str | None = None
    accession_key: str | None = None
    device_key: str | None = None
    irradiation_event_key: str | None = None
    sop_class_uid: str
    modality: str | None = None
    manufacturer: str | None = None
    manufacturer_model_name: str | None = None
    station_name: str | None = None
    software_versions: str | None = None
    body_region: str | None = None
    protocol_name: str | None = None
    image_type: str | None = None
    not_exam_reason: str | None = None
    is_acquisition: bool
    start_utc: datetime | None = None
    start_source: str | None = None
    start_written: str | None = None
    acquisition_start_utc: datetime | None = None
    series_start_utc: datetime | None = None
    content_utc: datetime | None = None
    study_start_utc: datetime | None = None
    created_utc: datetime | None = None
    duration_s: float | None = None
    duration_source: str | None = None
    field_strength_t: float | None = None
    sequence_name: str | None = None
    scanning_sequence: str | None = None
    repetition_time_ms: float | None = None
    echo_time_ms: float | None = None
    kvp: float | None = None
    tube_current_ma: float | None = None
    exposure_time_ms: float | None = None
    exposure_mas: float | None = None
    ctdi_vol_mgy: float | None = None
    patient_weight_kg: float | None = None
    rows: int | None = None
    columns: int | None = None
    frames: int | None = None
    pixel_bytes: int | None = None
    data_bytes: int | None
    contrast_agent: str | None = None
    contrast_kind: str | None = None
    contrast_concentration_mg_ml: float | None = None
    contrast_volume_ml: float | None = None
    contrast_start_utc: datetime | None = None
    contrast_origin: str | None = None
    contrast_confidence: str | None = None
    radiopharmaceutical: str | None = None
    activity_mbq: float | None = None
    activity_unit_rule: str | None = None
    radionuclide_half_life_s: float | None = None
    radiopharmaceutical_start_utc: datetime | None = None
    reader: str
    content_digest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Study(Record):
    """One performed imaging session."""

    study_key: str
    patient_key: str | None = None
    modality: str | None = None
    body_region: str | None = None
    device_key: str | None = None
    started_utc: datetime | None = None
    ended_utc: datetime | None = None
    start_source: str | None = None
    is_exam: bool
    not_exam_reason: str | None = None
    accessions: int
    series_count: int
    instance_count: int
    data_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series(Record):
    """One acquisition with start, duration, technique and data volume."""

    series_key: str
    study_key: str
    device_key: str | None = None
    modality: str | None = None
    body_region: str | None = None
    protocol_name: str | None = None
    is_acquisition: bool
    not_exam_reason: str | None = None
    started_utc: datetime | None = None
    ended_utc: datetime | None = None
    duration_s: float | None = None
    start_source: str | None = None
    duration_source: str | None = None
    field_strength_t: float | None = None
    kvp: float | None = None
    exposure_mas: float | None = None
    instance_count: int
    frame_count: int
    pixel_bytes: int | None = None
    data_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Administration(Record):
    """One injection or dose of a contrast agent or radiopharmaceutical."""

    study_key: str
    device_key: str | None = None
    agent: str | None = None
    kind: str | None = None
    volume_ml: float | None = None
    concentration_mg_ml: float | None = None
    iodine_g: float | None = None
    gadolinium_g: float | None = None
    sf6_g: float | None = None
    activity_mbq: float | None = None
    started_utc: datetime | None = None
    origin: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IrradiationEvent(Record):
    """One irradiation event, or one administration of a radiopharmaceutical, as one object tells of it."""

    irradiation_event_key: str
    study_key: str
    report_key: str
    device_key: str | None = None
    patient_key: str | None = None
    is_identified: bool
    told_by: str
    reported_utc: datetime | None = None
    modality: str | None = None
    body_region: str | None = None
    protocol_name: str | None = None
    event_type: str | None = None
    plane: str | None = None
    laterality: str | None = None
    view: str | None = None
    started_utc: datetime | None = None
    irradiation_s: float | None = None
    kvp: float | None = None
    tube_current_ma: float | None = None
    exposure_mas: float | None = None
    pulses: int | None = None
    scan_length_mm: float | None = None
    pitch: float | None = None
    dlp_mgy_cm: float | None = None
    ctdi_vol_mgy: float | None = None
    phantom: str | None = None
    ssde_mgy: float | None = None
    water_equivalent_diameter_mm: float | None = None
    effective_dose_msv: float | None = None
    dose_area_product_gy_m2: float | None = None
    dose_rp_gy: float | None = None
    reference_point: str | None = None
    average_glandular_dose_mgy: float | None = None
    entrance_dose_mgy: float | None = None
    compression_mm: float | None = None
    exposure_index: float | None = None
    target_exposure_index: float | None = None
    deviation_index: float | None = None
    activity_mbq: float | None = None
    is_repeated: bool | None = None
    repeat_reason: str | None = None
    is_rejected: bool | None = None
    reject_reason: str | None = None
    age_band: str | None = None
    patient_sex: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseReport(Record):
    """What a dose report declares as its totals; one row a plane."""

    report_key: str
    study_key: str
    device_key: str | None = None
    told_by: str
    reported_utc: datetime | None = None
    modality: str | None = None
    scope: str | None = None
    is_final: bool | None = None
    plane: str | None = None
    events_declared: int | None = None
    events_found: int
    dlp_mgy_cm: float | None = None
    dose_area_product_gy_m2: float | None = None
    dose_rp_gy: float | None = None
    fluoroscopy_s: float | None = None
    acquisition_s: float | None = None
    frames: int | None = None
    glandular_left_mgy: float | None = None
    glandular_right_mgy: float | None = None
    activity_mbq: float | None = None
    effective_dose_msv: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection(Record):
    """One object that a key object selection rejects."""

    study_key: str
    instance_key: str
    kind: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection(Record):
    """One agent in one step of an administration, as the report of an injector or of a person tells of it."""

    study_key: str
    report_key: str
    device_key: str | None = None
    patient_key: str | None = None
    is_identified: bool
    reported_utc: datetime | None = None
    step_type: str | None = None
    agent: str | None = None
    kind: str | None = None
    concentration_mg_ml: float | None = None
    volume_ml: float | None = None
    pack_volume_ml: float | None = None
    before_ml: float | None = None
    after_ml: float | None = None
    discarded_ml: float | None = None
    started_utc: datetime | None = None
    is_discontinued: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Medication(Record):
    """One contrast agent as the medication record of a ward or department tells that it was given."""

    patient_key: str | None = None
    study_key: str | None = None
    accession_key: str | None = None
    filler_key: str | None = None
    status: str
    agent: str | None = None
    kind: str | None = None
    concentration_mg_ml: float | None = None
    volume_ml: float | None = None
    started_utc: datetime | None = None
    reported_utc: datetime | None = None
    told_by: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepMessage(Record):
    """One message of a modality about one procedure step; it says only what changes."""

    step_key: str
    study_key: str | None = None
    device_key: str | None = None
    modality: str | None = None
    state: str | None = None
    reason: str | None = None
    started_utc: datetime | None = None
    ended_utc: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Record):
    """Energy in one meter interval."""

    meter_key: str
    start_utc: datetime
    end_utc: datetime
    energy_kwh: float | None = None
    flags: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock(Record):
    """One movement of a consumable, contrast pack, helium, linen or paper."""

    day: date
    kind: str
    product: str
    movement: str
    quantity: float
    unit: str
    pack_volume_ml: float | None = None
    volume_given_ml: float | None = None
    volume_left_ml: float | None = None
    device_alias: str | None = None
    sheet_row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt(Record):
    """What became of each input."""

    day: date
    outcome: str
    code: str | None = None
    kind: str
    bytes: int
    records: int
    rows_duplicate: int
    rows_quarantined: int
    file_stamp: str | None = None
