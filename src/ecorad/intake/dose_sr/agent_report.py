"""Reports of imaging agents that were given (TID 11020): what went into the patient, step by step.

Items are found by code wherever they stand, since injectors nest them in different ways. An agent is known by its brand
and its ingredient; a phase says which agent it gave, and where a step has phases their sum counts, for its total holds
the saline as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ecorad.intake.agent_words import GD_MG_PER_MMOL, MAX_ML, STRENGTHS_MG_ML, ReadAgent
from ecorad.model import Injection

from . import codes
from .context import Context
from .tree import IMPLAUSIBLE, Node

AMBIGUOUS, UNKNOWN_AGENT = "ecorad.agent_report.ambiguous", "ecorad.agent_report.agent"
_FLUID = re.compile(
    r"saline|na\s?cl|sodium chloride|kochsalz|zoutopl|fysiologisch|water|wasser|生理盐水", re.IGNORECASE
)
_NOT_GIVEN = frozenset({"flush", "patency test"})


@dataclass(frozen=True, slots=True)
class _Agent:
    """One agent of a report, with the container it came from. [mL, mg/mL]"""

    names: frozenset[str]
    agent: str | None
    kind: str | None
    is_fluid: bool
    concentration_mg_ml: float | None
    pack_volume_ml: float | None
    before_ml: float | None
    after_ml: float | None
    discarded_ml: float | None


def read(root: Node, context: Context, read_agent: ReadAgent) -> tuple[Injection, ...]:
    """One row an agent and step; none for flushes, tests of the vein and saline.

    An agent without a step gives one row without a volume: it was drawn up, and how much was given nobody says.
    """
    whole = root.flat()
    agents = [_agent(node.flat(), context, read_agent) for node in whole.all(codes.AGENT_INFORMATION)]
    rows: list[Injection] = []
    told: set[int] = set()
    steps = [step.flat() for step in whole.all(codes.STEP)]
    for place, step in enumerate(steps):
        kind = codes.STEP_TYPES.get(step.value_code(codes.STEP_TYPE) or "")
        if kind in _NOT_GIVEN:
            continue
        for which, volume_ml in sorted(_given(step, agents, context).items()):
            if not agents[which].is_fluid:
                identity = _identity(step, context, (place, which))
                rows.append(_row(context, agents[which], step, identity, volume_ml, is_first=which not in told))
                told.add(which)
    for which, agent in enumerate(agents):
        if not steps and not agent.is_fluid:
            rows.append(_row(context, agent, root, _identity(None, context, (0, which)), None, is_first=True))
    return tuple(rows)


def _agent(node: Node, context: Context, read_agent: ReadAgent) -> _Agent:
    brand = node.text(codes.BRAND) or ""
    words = read_agent(brand)
    stated = {codes.INGREDIENTS[one.coded] for one in node.every() if one.coded in codes.INGREDIENTS}
    kinds = stated | ({words.kind} if words.kind else set())
    if len(kinds) > 1:
        context.notes.add(AMBIGUOUS, codes.BRAND, "brand and ingredient differ")
    kind = kinds.pop() if len(kinds) == 1 else None
    strength = _concentration(node, kind, context)
    is_fluid = kind is None and words.agent is None and bool(_FLUID.search(brand))
    if kind is None and not is_fluid and len(kinds) < 2:
        context.notes.add(UNKNOWN_AGENT, codes.BRAND, "neither brand nor ingredient tells what it was")
    return _Agent(
        names=frozenset(node.texts(codes.AGENT_ID)),
        agent=words.agent,
        kind=kind,
        is_fluid=is_fluid,
        concentration_mg_ml=words.concentration_mg_ml if strength is None and words.kind == kind else strength,
        pack_volume_ml=node.number(codes.PACK_VOLUME, "mL", MAX_ML),
        before_ml=node.number(codes.VOLUME_BEFORE, "mL", MAX_ML),
        after_ml=node.number(codes.VOLUME_AFTER, "mL", MAX_ML),
        discarded_ml=node.number(codes.VOLUME_DISCARDED, "mL", MAX_ML),
    )


def _concentration(node: Node, kind: str | None, context: Context) -> float | None:
    """Iodine or gadolinium per mL; ``None`` for another agent and where it cannot be that of the element. [mg/mL]"""
    item = node.first(codes.CONCENTRATION)
    if item is None or kind not in STRENGTHS_MG_ML:
        return None
    if kind == "gadolinium" and item.is_in("mmol/mL"):
        amount = item.measured("mmol/mL", 0.0, 2.0)
        found = None if amount is None else amount * GD_MG_PER_MMOL
    else:
        found = item.measured("mg/mL", 0.0, 1e4)
    low, high = STRENGTHS_MG_ML[kind]
    if found is not None and not low <= found <= high:
        context.notes.add(
            IMPLAUSIBLE, codes.CONCENTRATION, "no strength that this kind is sold in; perhaps of the salt"
        )
        return None
    return found


def _given(step: Node, agents: list[_Agent], context: Context) -> dict[int, float | None]:
    """Volume of each agent in one step, ``None`` where it cannot be told; by place of the agent. [mL]"""
    phases = [phase for phase in step.all(codes.PHASE) if phase.first(codes.PHASE_VOLUME) is not None]
    parts = [(phase, phase.number(codes.PHASE_VOLUME, "mL", MAX_ML)) for phase in phases]
    if not parts:
        parts = [(step, step.number(codes.STEP_VOLUME, "mL", MAX_ML))]
    given: dict[int, float | None] = {}
    for part, volume_ml in parts:
        named = set(part.texts(codes.REFERENCED_AGENT) or step.texts(codes.REFERENCED_AGENT))
        mine = [n for n, agent in enumerate(agents) if agent.names & named] or (
            list(range(len(agents))) if not named else []
        )
        if len(mine) != 1:
            context.notes.add(AMBIGUOUS, codes.REFERENCED_AGENT, "a volume of which it is not said which agent it was")
            given |= dict.fromkeys((n for n in mine if not agents[n].is_fluid), None)
            continue
        before = given.get(mine[0], 0.0)
        given[mine[0]] = None if before is None or volume_ml is None else before + volume_ml
    return given


def _identity(step: Node | None, context: Context, places: tuple[int, int]) -> tuple[str, bool]:
    """The key of a row, and whether it comes of the UID that the report gives the step."""
    uid = None if step is None else step.uid(codes.STEP_UID)
    if uid is not None:
        return f"{context.pseudonymiser.key('injection', uid)}:{places[1]}", True
    return context.pseudonymiser.key("injection", context.instance.record_key, *map(str, places)), False


def _row(
    context: Context, agent: _Agent, step: Node, identity: tuple[str, bool], volume_ml: float | None, *, is_first: bool
) -> Injection:
    instance = context.instance
    started, zone = context.zone.utc(step.date_time(codes.STARTED))
    ended = step.value_code(codes.COMPLETION)
    return Injection(
        record_key=identity[0],
        source_digest=instance.source_digest,
        event_time_utc=started or instance.event_time_utc,
        event_zone=zone if started else instance.event_zone,
        study_key=instance.study_key,
        report_key=instance.record_key,
        device_key=instance.device_key,
        patient_key=instance.patient_key,
        is_identified=identity[1],
        reported_utc=context.reported_utc,
        step_type=codes.STEP_TYPES.get(step.value_code(codes.STEP_TYPE) or ""),
        agent=agent.agent,
        kind=agent.kind,
        concentration_mg_ml=agent.concentration_mg_ml,
        volume_ml=volume_ml,
        # Of the container, so told once however many steps it served.
        pack_volume_ml=agent.pack_volume_ml if is_first else None,
        before_ml=agent.before_ml if is_first else None,
        after_ml=agent.after_ml if is_first else None,
        discarded_ml=agent.discarded_ml if is_first else None,
        started_utc=started,
        is_discontinued=None if ended is None else ended == codes.DISCONTINUED,
    )
