"""Which examination an injection of a medication record belongs to.

A record that names the examination (its UID, its accession number) belongs to it or to none. One that does not belongs
to the patient's only examination around that time on a scanner on which such an agent is given; where there are two, or
none, it stays without an examination, because a guess would move grams between scanners.
"""

from __future__ import annotations

from typing import Any

import ibis
from ibis.expr.types import Table, Value

# An injection precedes the first image by minutes, an oral agent by an hour; a study ends with its last start. [min]
BEFORE_MIN, AFTER_MIN = 90, 30
_MODALITIES = {
    "iodine": ("CT", "XA", "RF", "DX", "CR", "MG", "PT"),
    "gadolinium": ("MR", "PT"),
    "sf6": ("US",),
    "barium": ("CT", "RF", "DX", "CR"),
}


def linked(medication: Table, instance: Table) -> Table:
    """Completed injections with kind and volume, each with its study or without; columns of ``medication_link``.

    Two records of one examination with the same kind, start and volume are one injection that two systems wrote down.

    Parameters
    ----------
    medication, instance : Table
        Current.
    """
    given = medication.filter(
        (medication.status == "completed") & medication.kind.notnull() & medication.volume_ml.notnull()
    )
    studies = _studies(instance)
    uid = given.inner_join(studies, given.study_key == studies.exam_key).select(
        "record_key", found=studies.exam_key, rank=ibis.literal(0), linked_by=ibis.literal("uid")
    )
    named = ibis.union(
        uid,
        _by_order(given, instance, "accession_key", 1, "accession"),
        _by_order(given, instance, "filler_key", 2, "order"),
        _by_time(given, studies),
    )
    best = _first(named, [named.record_key], [named["rank"].asc()])
    best = best.select(best_key=best.record_key, found=best.found, best_by=best.linked_by)
    joined = given.left_join(best, given.record_key == best.best_key)
    told = joined.drop("study_key", "best_key").rename(study_key="found", linked_by="best_by")
    once = ibis.coalesce(told.started_utc.cast("string"), told.record_key)
    where = ibis.coalesce(told.study_key, told.record_key)
    return _first(told, [where, told.kind, once, told.volume_ml], [told.confidence.asc(), told.record_key.asc()])


def _studies(instance: Table) -> Table:
    """Examinations with patient, modalities and the time from first to last start."""
    seen = instance.filter(instance.is_acquisition & instance.not_exam_reason.isnull())
    return seen.group_by(exam_key=seen.study_key).agg(
        exam_patient=seen.patient_key.min(),
        begun=seen.start_utc.min(),
        ended=seen.start_utc.max(),
        **{f"for_{kind}": seen.modality.isin(names).max() for kind, names in _MODALITIES.items()},
    )


def _by_order(given: Table, instance: Table, column: str, rank: int, name: str) -> Table:
    """By an order number that one study alone has."""
    numbers = instance.filter(instance.accession_key.notnull() & instance.not_exam_reason.isnull())
    numbers = numbers.group_by(number=numbers.accession_key).agg(
        first=numbers.study_key.min(), last=numbers.study_key.max()
    )
    single = numbers.filter(numbers.first == numbers.last).drop("last")
    return given.inner_join(single, given[column] == single.number).select(
        "record_key", found=single.first, rank=ibis.literal(rank), linked_by=ibis.literal(name)
    )


def _by_time(given: Table, studies: Table) -> Table:
    """By patient and time, for records that name no examination."""
    open_ones = given.filter(
        given.study_key.isnull()
        & given.accession_key.isnull()
        & given.patient_key.notnull()
        & given.started_utc.notnull()
    )
    pairs = open_ones.inner_join(studies, open_ones.patient_key == studies.exam_patient)
    near = pairs.filter(
        (pairs.started_utc >= pairs.begun - ibis.interval(minutes=BEFORE_MIN))
        & (pairs.started_utc <= pairs.ended + ibis.interval(minutes=AFTER_MIN))
        & _fits(pairs)
    )
    groups = near.group_by("record_key").agg(first=near.exam_key.min(), last=near.exam_key.max())
    single = groups.filter(groups.first == groups.last)
    return single.select("record_key", found=single.first, rank=ibis.literal(3), linked_by=ibis.literal("time"))


def _fits(pairs: Table) -> Any:
    """Whether such an agent is given on that scanner; of a kind not in the list nothing is known."""
    return ibis.cases(*((pairs.kind == kind, pairs[f"for_{kind}"]) for kind in _MODALITIES), else_=True)


def _first(rows: Table, keys: list[Value], order: list[Any]) -> Table:
    numbered = rows.mutate(_place=ibis.row_number().over(ibis.window(group_by=keys, order_by=order)))
    return numbered.filter(numbered._place == 0).drop("_place")
