"""Studies, series, administrations and devices, folded from what was received, whenever they are asked for.

Nothing here is stored, so the order of arrival cannot matter. The expressions are engine-neutral: they are compiled to
the SQL of whichever engine runs them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ibis
from ibis.expr.types import Table, Value

from ecorad.model import TableSpec, table
from ecorad.model.vocabulary import AGENT_REPORT, MEDICATION_RECORD

from . import interpretations, medication_links

_IBIS = {
    "string": "string",
    "int64": "int64",
    "float64": "float64",
    "bool": "boolean",
    "timestamp": "timestamp('UTC')",
    "date": "date",
}
RECEIVED = "_received"
REGISTER = ("device_key", "alias", "modality", "manufacturer", "model")
# Each object of these is an acquisition of its own; elsewhere the objects of a series share one.
CLIP_MODALITIES = ("US", "XA", "RF", "NM", "PT")
MODALITY_ORDER = ("PT", "MR", "CT", "XA", "RF", "NM", "MG", "DX", "CR", "US")
DOSE_REPORTS = ("xray_report", "enhanced_xray_report", "radiopharmaceutical_report")
_CONFIDENCE = ("high", "medium", "low")
_STEP_STATES = ("discontinued", "completed", "in progress")
_RADIO = "radiopharmaceutical"
# Of two contents of one record that are neither instances nor rows of a file: the time by which the later one holds.
_LATEST_BY = {
    "dose_report": "event_time_utc",
    "rejection": "event_time_utc",
    "injection": "reported_utc",
    "medication": "reported_utc",
}


def relation(name: str) -> Table:
    """A table of the data dictionary as an expression; its unbound name is ``name``."""
    return ibis.table(_schema(name), name=name)


def current(name: str) -> Table:
    """What holds now of a stored table; older versions stay in ``<name>_received``.

    An object's newest content is told by its own time of creation, then by digest, never by time of arrival. A reading
    with energy is better than one without; of two, the later version, then the larger.
    """
    rows = holding(name)
    if name == "instance":
        return _first(rows, [rows.record_key], [rows.created_utc.desc(nulls_first=False), rows.source_digest.desc()])
    if name == "irradiation_event":
        return irradiation_event(rows, relation("instance"))
    if name in _LATEST_BY:
        newest = rows[_LATEST_BY[name]].desc(nulls_first=False)
        return _first(rows, [rows.record_key], [newest, rows.source_digest.desc()])
    if name == "stock":
        return _first(rows, [rows.record_key], [rows.version.desc(), rows.source_digest.desc()])
    if name == "reading":
        order = [rows.energy_kwh.isnull().asc(), rows.version.desc(), rows.energy_kwh.desc(), rows.source_digest.asc()]
        return _first(rows, [rows.meter_key, rows.start_utc, rows.end_utc], order)
    return rows


def holding(name: str) -> Table:
    """Rows received, without those of a file that was read anew under other settings."""
    rows = ibis.table(_schema(name), name=f"{name}{RECEIVED}")
    told = ibis.table(_schema("interpretation"), name=f"interpretation{RECEIVED}")
    ended = told.filter(~told.is_held).select(ended_digest=told.source_digest, ended=told.version)
    if name == "interpretation":
        began = rows.filter(rows.is_held)
        return began.anti_join(ended, [began.source_digest == ended.ended_digest, began.version == ended.ended])
    if name not in interpretations.TABLES:
        return rows
    return rows.anti_join(ended, [rows.source_digest == ended.ended_digest, rows.interpretation == ended.ended])


def folded(name: str) -> Table:
    """A view of the data dictionary over the current tables."""
    instance = relation("instance")
    folds: dict[str, Callable[[], Table]] = {
        "series": lambda: series(instance),
        "study": lambda: study(instance, relation("series"), relation("dose_report")),
        "medication_link": lambda: _shaped(
            medication_links.linked(relation("medication"), instance), "medication_link", key=None
        ),
        "administration": lambda: administration(instance, relation("injection"), relation("medication_link")),
        "performed_step": lambda: performed_step(relation("step_message")),
        "device": lambda: device(
            instance, ibis.table(dict.fromkeys(REGISTER, "string"), name="register"), relation("dose_report")
        ),
    }
    return folds[name]()


def irradiation_event(rows: Table, instance: Table) -> Table:
    """What holds of each event: the latest report that tells of it, before dose screens and image headers.

    Where reports tell the events of a study, what screens and images tell without a UID is the same once more. Slices
    of a CT repeat the dose of their event: they are folded here, for events that nothing else tells of.
    """
    told = rows.mutate(
        is_report=rows.told_by.isin(DOSE_REPORTS),
        what=ibis.ifelse(rows.modality.isin(("CT", "MG", "PT", "NM")), rows.modality, "projection"),
    )
    order = [
        told.is_report.desc(),
        (told.told_by == "dose_screen").desc(),
        told.reported_utc.desc(nulls_first=False),
        told.source_digest.desc(),
    ]
    best = _first(told, [told.record_key], order)
    reported = best.is_report.cast("int64").max().over(ibis.window(group_by=[best.study_key, best.what]))
    best = best.mutate(is_reported=reported == 1)
    held = best.filter(best.is_report | best.is_identified | ~best.is_reported).select(*rows.columns)
    slices = _ct_events(instance)
    alone = slices.anti_join(held, slices.irradiation_event_key == held.irradiation_event_key)
    return held.union(alone)


def _ct_events(instance: Table) -> Table:
    """Events of CT images with a UID and a dose index; of scan and dose length the slices say nothing."""
    i = instance.filter(
        instance.irradiation_event_key.notnull()
        & instance.ctdi_vol_mgy.notnull()
        & instance.is_acquisition
        & (instance.modality == "CT")
    )
    age = _age(i.start_utc, i.source_digest)
    first = {name: i[name].argmin(age) for name in ("source_digest", "feed", "event_zone", "study_key")}
    known = {
        name: i[name].argmin(age, where=i[name].notnull())
        for name in ("device_key", "patient_key", "modality", "body_region", "protocol_name")
    }
    grouped = i.group_by("irradiation_event_key").agg(
        **first,
        **known,
        report_key=i.record_key.argmin(age),
        received_at=i.received_at.max(),
        reported_utc=i.content_utc.max(),
        started_utc=i.start_utc.min(),
        kvp=i.kvp.max(),
        ctdi_vol_mgy=i.ctdi_vol_mgy.max(),
    )
    filled = grouped.mutate(
        event_time_utc=grouped.started_utc, is_identified=True, told_by=ibis.literal("image"), version=1
    )
    spec = table("irradiation_event").columns
    nothing = {c.name: ibis.null(_IBIS[c.type]) for c in spec if c.name not in {*filled.columns, "record_key"}}
    filled = filled.mutate(record_key=filled.irradiation_event_key, **nothing)
    return filled.select([filled[c.name].cast(_IBIS[c.type]).name(c.name) for c in spec])


def series(instance: Table) -> Table:
    """One row a series; see ``series.csv``."""
    i = _of_series(instance)
    used = i.is_used & i.start_utc.notnull()
    best = i.age
    grouped = i.group_by("series_key").agg(
        source_digest=i.source_digest.argmin(best, where=i.is_used),
        feed=i.feed.argmin(best, where=i.is_used),
        received_at=i.received_at.max(),
        event_zone=i.event_zone.argmin(best, where=i.is_used),
        study_key=i.study_key.argmin(best),
        device_key=i.device_key.argmin(best, where=i.is_used & i.device_key.notnull()),
        modality=i.modality.argmin(best, where=i.is_used & i.modality.notnull()),
        body_region=i.body_region.argmin(best, where=i.body_region.notnull()),
        protocol_name=i.protocol_name.argmin(best, where=i.protocol_name.notnull()),
        is_acquisition=i.is_acquisition.any(),
        is_exam=(i.is_used & i.not_exam_reason.isnull()).any(),
        not_exam_reason=i.not_exam_reason.argmin(best, where=i.is_used & i.not_exam_reason.notnull()),
        started_utc=i.start_utc.min(where=used),
        last_utc=i.start_utc.max(where=used),
        clip_end_utc=i.clip_end_utc.max(where=used),
        longest_s=i.duration_s.max(where=used),
        start_source=i.start_source.argmin(best, where=used),
        longest_source=i.duration_source.argmax(i.duration_s, where=used & i.duration_s.notnull()),
        field_strength_t=i.field_strength_t.max(),
        kvp=i.kvp.max(),
        exposure_mas=i.exposure_mas.max(),
        instance_count=i.count(),
        frame_count=i.frames.fill_null(1).sum(),
        pixel_bytes=i.pixel_bytes.sum(),
        data_bytes=i.data_bytes.sum(),
    )
    return _shaped(_with_end(grouped), "series", key="series_key")


def _of_series(instance: Table) -> Table:
    """Instances with what the fold needs: acquisitions count; where a series has none, all of it does."""
    acquires = instance.is_acquisition.cast("int64").max().over(ibis.window(group_by=instance.series_key))
    is_clip = instance.modality.isin(CLIP_MODALITIES)
    return instance.mutate(
        is_used=instance.is_acquisition | (acquires == 0),
        clip_end_utc=ibis.ifelse(
            is_clip, _later(instance.start_utc, instance.duration_s), ibis.null("timestamp('UTC')")
        ),
        age=_age(instance.start_utc, instance.source_digest),
    )


def _with_end(grouped: Table) -> Table:
    """The end of a series: the last start, or start plus duration, or the end of its last clip."""
    stated = _later(grouped.started_utc, grouped.longest_s)
    ended = ibis.greatest(grouped.last_utc, ibis.coalesce(grouped.clip_end_utc, stated, grouped.last_utc))
    spans = grouped.last_utc > grouped.started_utc
    with_end = grouped.mutate(
        event_time_utc=grouped.started_utc,
        ended_utc=ended,
        duration_source=ibis.cases(
            (grouped.longest_s.notnull() & (stated >= grouped.last_utc), grouped.longest_source),
            (spans, ibis.literal("span of starts")),
            else_=ibis.null("string"),
        ),
        not_exam_reason=ibis.ifelse(grouped.is_exam, ibis.null("string"), grouped.not_exam_reason),
    )
    length_s = (
        with_end.ended_utc.cast("timestamp").delta(with_end.started_utc.cast("timestamp"), unit="microsecond") / 1e6
    )
    return with_end.mutate(duration_s=ibis.ifelse(with_end.duration_source.notnull(), length_s, ibis.null("float64")))


def study(instance: Table, series_view: Table, dose_report: Table) -> Table:
    """One row a study; see ``study.csv``. ``instance`` and ``dose_report`` must be current."""
    s = series_view.mutate(
        age=_age(series_view.started_utc, series_view.source_digest),
        is_exam_part=series_view.not_exam_reason.isnull(),
        rank=_rank(series_view.modality),
    )
    acquires = s.is_acquisition.cast("int64").max().over(ibis.window(group_by=s.study_key))
    s = s.mutate(is_used=s.is_acquisition | (acquires == 0))
    placed = s.filter(s.is_used & s.device_key.notnull())
    first = placed.group_by("study_key").agg(first_device=placed.device_key.argmin(placed.age))
    first = first.rename(first_study="study_key")
    s = s.left_join(first, s.study_key == first.first_study)
    s = s.mutate(is_here=s.is_used & ((s.device_key == s.first_device) | s.device_key.isnull()))
    told = s.is_exam_part & s.is_used & (s.rank < len(MODALITY_ORDER))
    grouped = s.group_by("study_key").agg(
        source_digest=s.source_digest.argmin(s.age, where=s.is_used),
        feed=s.feed.argmin(s.age, where=s.is_used),
        received_at=s.received_at.max(),
        event_zone=s.event_zone.argmin(s.age, where=s.is_used),
        told_modality=s.modality.argmin(s.rank, where=told),
        any_modality=s.modality.argmin(s.rank, where=s.rank < len(MODALITY_ORDER)),
        device_key=s.first_device.argmin(s.age),
        started_utc=s.started_utc.min(where=s.is_here),
        ended_utc=s.ended_utc.max(where=s.is_here),
        start_source=s.start_source.argmin(s.age, where=s.is_here & s.started_utc.notnull()),
        is_exam=s.is_exam_part.any(),
        other_reason=s.not_exam_reason.argmin(s.age, where=s.not_exam_reason.notnull()),
        series_count=s.count(),
        instance_count=s.instance_count.sum(),
        data_bytes=s.data_bytes.sum(),
    )
    people = instance.group_by("study_key").agg(
        patient_key=instance.patient_key.min(), accessions=instance.accession_key.nunique()
    )
    people = people.rename(person_study="study_key")
    regions = _regions(s).rename(region_study="study_key")
    joined = grouped.left_join(people, grouped.study_key == people.person_study)
    joined = joined.left_join(regions, joined.study_key == regions.region_study)
    dosed = _dosed(dose_report, "study_key").rename(dosed_study="study_key")
    joined = joined.left_join(dosed, joined.study_key == dosed.dosed_study)
    joined = joined.mutate(
        event_time_utc=joined.started_utc,
        modality=ibis.coalesce(joined.told_modality, joined.any_modality, joined.dosed_modality),
        not_exam_reason=ibis.ifelse(joined.is_exam, ibis.null("string"), joined.other_reason),
    )
    return _shaped(joined, "study", key="study_key")


def _dosed(dose_report: Table, key: str) -> Table:
    """What was done by the dose reports of each study or device: their own modality (SR) does not say it."""
    r = dose_report.filter(dose_report.modality.notnull() & dose_report[key].notnull())
    return r.group_by(key).agg(dosed_modality=r.modality.argmin(_rank(r.modality)))


def _regions(s: Table) -> Table:
    """The most frequent region of each study's series; among equals the first by name."""
    counts = (
        s.filter(s.is_used & s.body_region.notnull()).group_by(["study_key", "body_region"]).agg(n=lambda t: t.count())
    )
    best = _first(counts, [counts.study_key], [counts.n.desc(), counts.body_region.asc()])
    return best.select("study_key", "body_region")


def administration(instance: Table, injection: Table, medication_link: Table) -> Table:
    """One row an injection, by the best that tells of it; see ``administration.csv``. The tables must be current.

    The report of what an injector gave comes before medication records, and these before headers, which often have the
    protocol's default: where a study has one with kind and volume, what stands below says nothing of that kind. Every
    image repeats its header; the best told counts.
    """
    reported = _reported(injection, instance)
    by_record = _without_kinds_of(_by_record(medication_link, instance), reported)
    headers = _told_by_headers(instance)
    told = _with_strength(ibis.union(reported, by_record.select(reported.columns)), headers)
    alone = _without_kinds_of(headers, told)
    named = ibis.union(alone, told.select(alone.columns))
    unnamed = _unnamed(instance).select(alone.columns)
    best = ibis.union(named, unnamed.anti_join(named.filter(named.kind != _RADIO), "study_key"))
    grams = best.volume_ml * best.concentration_mg_ml / 1000.0
    nothing = ibis.null("float64")
    best = best.mutate(
        event_time_utc=best.started_utc,
        iodine_g=ibis.ifelse(best.kind == "iodine", grams, nothing),
        gadolinium_g=ibis.ifelse(best.kind == "gadolinium", grams, nothing),
        sf6_g=nothing,
    )
    return _shaped(best, "administration", key=None)


def _without_kinds_of(rows: Table, better: Table) -> Table:
    """Rows of studies and kinds of which nothing better tells."""
    pairs = better.select("study_key", "kind").distinct().rename(better_study="study_key", better_kind="kind")
    return rows.anti_join(pairs, [rows.study_key == pairs.better_study, rows.kind == pairs.better_kind])


def _with_strength(told: Table, headers: Table) -> Table:
    """Where the better telling leaves the strength open, that of the study's own headers, if they agree about it."""
    known = headers.filter(headers.concentration_mg_ml.notnull())
    grouped = known.group_by(strength_study=known.study_key, strength_kind=known.kind).agg(
        least=known.concentration_mg_ml.min(), most=known.concentration_mg_ml.max()
    )
    single = grouped.filter(grouped.least == grouped.most)
    joined = told.left_join(single, [told.study_key == single.strength_study, told.kind == single.strength_kind])
    filled = joined.mutate(concentration_mg_ml=ibis.coalesce(joined.concentration_mg_ml, joined.least))
    return filled.select(told.columns)


def _rooms(instance: Table) -> Table:
    """The device of the first acquisition of each study."""
    placed = instance.filter(instance.is_acquisition & instance.device_key.notnull())
    age = _age(placed.start_utc, placed.source_digest)
    return placed.group_by("study_key").agg(room=placed.device_key.argmin(age)).rename(room_study="study_key")


def _by_record(link: Table, instance: Table) -> Table:
    """Injections of medication records that belong to a study."""
    known = link.filter(link.study_key.notnull())
    rooms = _rooms(instance)
    joined = known.left_join(rooms, known.study_key == rooms.room_study)
    return joined.select(
        *_SOURCE,
        "study_key",
        "record_key",
        "agent",
        "kind",
        "volume_ml",
        "concentration_mg_ml",
        "started_utc",
        device_key=joined.room,
        activity_mbq=ibis.null("float64"),
        origin=ibis.literal(MEDICATION_RECORD),
        confidence="confidence",
    )


def _reported(injection: Table, instance: Table) -> Table:
    """Injections with a kind and a volume, in the room of their study: the report names the injector."""
    known = injection.filter(injection.kind.notnull() & injection.volume_ml.notnull())
    rooms = _rooms(instance)
    joined = known.left_join(rooms, known.study_key == rooms.room_study)
    return joined.select(
        *_SOURCE,
        "study_key",
        "record_key",
        "agent",
        "kind",
        "volume_ml",
        "concentration_mg_ml",
        "started_utc",
        device_key=ibis.coalesce(joined.room, joined.device_key),
        activity_mbq=ibis.null("float64"),
        origin=ibis.literal(AGENT_REPORT),
        confidence=ibis.literal("high"),
    )


def _contrast_in_headers(i: Table) -> Table:
    return i.select(
        *_SOURCE,
        "study_key",
        "device_key",
        agent=i.contrast_agent,
        kind=i.contrast_kind,
        volume_ml=i.contrast_volume_ml,
        concentration_mg_ml=i.contrast_concentration_mg_ml,
        activity_mbq=ibis.null("float64"),
        started_utc=i.contrast_start_utc,
        origin=ibis.coalesce(i.contrast_origin, "ContrastBolusAgent"),
        confidence=ibis.coalesce(i.contrast_confidence, "low"),
    )


def _unnamed(instance: Table) -> Table:
    """Studies whose headers say that something was given and nothing of what: one row each, of unknown kind."""
    told = _contrast_in_headers(
        instance.filter(instance.contrast_kind.isnull() & instance.contrast_confidence.notnull())
    )
    told = told.mutate(record_key=told.study_key + ":unknown")
    return _first(told, [told.study_key], [told.volume_ml.isnull().asc(), told.source_digest.asc()])


def _told_by_headers(instance: Table) -> Table:
    """What headers tell: one row a study, kind, agent and start."""
    i = instance
    contrast = _contrast_in_headers(i.filter(i.contrast_kind.notnull()))
    radio = i.filter(i.radiopharmaceutical.notnull() | i.activity_mbq.notnull()).select(
        *_SOURCE,
        "study_key",
        "device_key",
        agent=i.radiopharmaceutical,
        kind=ibis.literal(_RADIO),
        volume_ml=ibis.null("float64"),
        concentration_mg_ml=ibis.null("float64"),
        activity_mbq=i.activity_mbq,
        started_utc=i.radiopharmaceutical_start_utc,
        origin=ibis.literal("RadionuclideTotalDose"),
        confidence=ibis.ifelse(i.activity_mbq.isnull(), "low", "high"),
    )
    told = ibis.union(contrast, radio)
    when = ibis.coalesce(told.started_utc.cast("string"), ibis.literal("once"))
    told = told.mutate(
        record_key=told.study_key + ":" + told.kind + ":" + ibis.coalesce(told.agent, "unknown") + ":" + when
    )
    amount = ibis.coalesce(told.volume_ml, told.activity_mbq)
    trust = _position(told.confidence, _CONFIDENCE)
    order = [amount.isnull().asc(), trust.asc(), amount.desc(), told.source_digest.asc()]
    return _first(told, [told.record_key], order)


def performed_step(message: Table) -> Table:
    """One row a step: what any message says of it, and the furthest state; see ``performed_step.csv``.

    Completed and discontinued are final, so the order in which messages came does not matter; of two finals, which the
    standard forbids, discontinued is taken.
    """
    m = message.mutate(
        age=_age(message.event_time_utc, message.source_digest), rank=_position(message.state, _STEP_STATES)
    )
    told = {name: m[name].argmin(m.age, where=m[name].notnull()) for name in ("study_key", "device_key", "modality")}
    grouped = m.group_by("step_key").agg(
        **told,
        source_digest=m.source_digest.argmin(m.age),
        feed=m.feed.argmin(m.age),
        received_at=m.received_at.max(),
        event_zone=m.event_zone.max(),
        state=m.state.argmin(m["rank"], where=m.state.notnull()),
        reason=m.reason.argmin(m.age, where=m.reason.notnull()),
        started_utc=m.started_utc.min(),
        ended_utc=m.ended_utc.max(),
    )
    return _shaped(grouped.mutate(event_time_utc=grouped.started_utc), "performed_step", key="step_key")


def device(instance: Table, register: Table, dose_report: Table) -> Table:
    """Devices seen or registered; ``register`` has device_key, alias, modality, manufacturer, model.

    A device known by its dose reports alone has the modality that they tell of.
    """
    i = instance.filter(instance.device_key.notnull())
    acquires = i.is_acquisition
    age = _age(i.start_utc, i.source_digest)
    seen = i.group_by("device_key").agg(
        source_digest=i.source_digest.argmin(age),
        feed=i.feed.argmin(age),
        received_at=i.received_at.max(),
        seen_modality=i.modality.argmin(_rank(i.modality), where=acquires & i.modality.notnull()),
        any_modality=i.modality.argmin(_rank(i.modality), where=i.modality.notnull()),
        manufacturer=i.manufacturer.argmin(age, where=i.manufacturer.notnull()),
        manufacturer_model_name=i.manufacturer_model_name.argmin(age, where=i.manufacturer_model_name.notnull()),
        field_strength_t=i.field_strength_t.max(),
        valid_from_utc=i.start_utc.min(),
        valid_to_utc=i.start_utc.max(),
        instances=i.count(),
    )
    dosed = _dosed(dose_report, "device_key").rename(dosed_device="device_key")
    seen = seen.left_join(dosed, seen.device_key == dosed.dosed_device)
    both = seen.outer_join(register, seen.device_key == register.device_key, rname="{name}_told")
    both = both.mutate(
        device_key=ibis.coalesce(both.device_key, both.device_key_told),
        source_digest=ibis.coalesce(both.source_digest, ""),
        feed=ibis.coalesce(both.feed, "site"),
        received_at=both.received_at,
        event_time_utc=both.valid_from_utc,
        event_zone=ibis.null("string"),
        modality=ibis.coalesce(both.modality, both.seen_modality, both.dosed_modality, both.any_modality),
        manufacturer=ibis.coalesce(both.manufacturer_told, both.manufacturer),
        manufacturer_model_name=ibis.coalesce(both.model, both.manufacturer_model_name),
        is_registered=both.device_key_told.notnull(),
        instances=ibis.coalesce(both.instances, 0),
    )
    return _shaped(both, "device", key="device_key")


_SOURCE = ("source_digest", "feed", "received_at", "event_zone")


def _schema(name: str) -> dict[str, str]:
    return {column.name: _IBIS[column.type] for column in table(name).columns}


def _shaped(rows: Table, name: str, key: str | None) -> Table:
    """The columns of the dictionary, in its order."""
    spec: TableSpec = table(name)
    named = rows.mutate(version=ibis.literal(1, "int64"))
    if key is not None:
        named = named.mutate(record_key=named[key])
    return named.select([named[c.name].cast(_IBIS[c.type]).name(c.name) for c in spec.columns])


def _first(rows: Table, keys: list[Value], order: list[Any]) -> Table:
    numbered = rows.mutate(_place=ibis.row_number().over(ibis.window(group_by=keys, order_by=order)))
    return numbered.filter(numbered._place == 0).drop("_place")


def _age(start: Value, digest: Value) -> Value:
    """Sorts by start, unknown last, then by digest: the same whatever the order of arrival."""
    return ibis.coalesce(start.cast("string"), "9") + digest


def _later(start: Value, seconds: Value) -> Value:
    # Whole microseconds, because intervals take no fractions.
    return start + (seconds * 1e6).round().cast("int64").as_interval("us")


def _rank(modality: Value) -> Value:
    return _position(modality, MODALITY_ORDER)


def _position(value: Value, order: tuple[str, ...]) -> Value:
    """Place in a list; its length for what is not in it."""
    return ibis.cases(*((value == name, place) for place, name in enumerate(order)), else_=len(order))
