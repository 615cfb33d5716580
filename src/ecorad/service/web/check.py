"""The page of safety checks: a form, and the answer of the library call behind ``ecorad check``; nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ecorad.ledger import Workspace
from ecorad.model import EcoradError, InputError

from .check_answer import answer_of_choice, answer_of_orders, shown
from .fields import FieldError, Fields
from .kit import LANGUAGES, render

QUESTIONS = ("contrast", "orders", "choice")
AGENTS = ("iodine", "gadolinium")
DIALYSIS = ("none", "residual", "anuric")
MODALITIES = ("CT", "MR", "US", "DX", "CR", "MG", "RF", "XA", "NM", "PT")
REGIONS = (
    "head neck chest abdomen pelvis spine upper_limb lower_limb breast heart whole_body".split()
)  # fmt: skip
# The unit that holds, one that does not, and what nobody knows.
UNITS = ("mL/min/1.73m2", "mL/min", "unknown")
ORDERS, PREVIOUS, TESTS = 3, 2, 3
_PATIENT_ANSWERS = ("has_no_cycle", "shoulders_ok", "breath_hold_ok")


class CheckPage:
    """Draws the forms, and the answer above them.

    Parameters
    ----------
    workspace : Workspace
        Its rules hold beside the shipped ones, and by its clock times are typed.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def form(self, token: str, language: str | None = None, *, can_change: bool) -> str:
        """The page before anything was asked."""
        return self._page(token, self._spoken(language), "contrast", {}, can_change=can_change)

    def answered(self, token: str, form: Mapping[str, Sequence[str]], *, can_change: bool) -> tuple[str, int]:
        """The page with the answer to what a form asks, or with the field that cannot be used; and its HTTP status."""
        language = self._spoken(next(iter(form.get("language", ())), None))
        question = next((one for one in form.get("question", ()) if one in QUESTIONS), "contrast")
        fields = Fields(form, self._workspace.site.zone)
        answer, trouble = None, None
        try:
            answer = self._asked(question, fields, language)
        except FieldError as error:
            trouble = {"field": error.field.rstrip("0123456789"), "why": error.trouble, "code": ""}
        except EcoradError as error:
            trouble = {"field": "", "why": "code", "code": error.code}
        typed = {name: values[0] for name, values in form.items() if values}
        page = self._page(token, language, question, typed, can_change=can_change, answer=answer, trouble=trouble)
        return page, 200 if trouble is None else 422

    def _spoken(self, language: str | None) -> str:
        return language if language in LANGUAGES else self._workspace.site.language

    def _asked(self, question: str, fields: Fields, language: str) -> dict[str, Any]:
        from ecorad.rules.local import rules_of

        with rules_of(self._workspace.path):
            if question == "contrast":
                return shown(_contrast(fields), language, self._workspace.site.zone)
            if question == "choice":
                return answer_of_choice(self._choice(fields), language)
            return answer_of_orders(_orders(fields), language, self._workspace.site.zone)

    def _choice(self, fields: Fields) -> Any:
        from ecorad.advice.choice import choose, parse_choice
        from ecorad.reporting.site_factors import site_set

        return choose(*parse_choice(choice_of(fields)), site_set(self._workspace).book)

    def _page(
        self,
        token: str,
        language: str,
        question: str,
        typed: Mapping[str, str],
        *,
        can_change: bool,
        answer: dict[str, Any] | None = None,
        trouble: dict[str, str] | None = None,
    ) -> str:
        from ecorad.reporting.leaflet import known_exams
        from ecorad.reporting.messages import messages
        from ecorad.reporting.site_factors import site_set
        from ecorad.rules.local import rules_of

        rule_sets: tuple[str, ...] = ()
        try:
            with rules_of(self._workspace.path):
                rule_sets = _rule_sets()
        except InputError as error:  # half of a site's rules would be weaker than all of them
            answer, trouble = None, {"field": "", "why": "code", "code": error.code}
        catalogue = messages(language)
        return render(
            "check",
            language=language,
            can_change=can_change,
            site=self._workspace.site.name,
            zone=self._workspace.site.timezone,
            token=token,
            question=question,
            typed=typed,
            answer=answer,
            trouble=trouble,
            languages=LANGUAGES,
            agents=AGENTS,
            dialysis=DIALYSIS,
            units=UNITS,
            rule_sets=rule_sets,
            modalities=[(one, catalogue.named("modality", one)) for one in MODALITIES],
            regions=[(one, catalogue.named("region", one)) for one in REGIONS],
            orders=range(1, ORDERS + 1),
            previous=range(1, PREVIOUS + 1),
            tests=range(1, TESTS + 1),
            exams=known_exams(site_set(self._workspace).book),
        )


def _rule_sets() -> tuple[str, ...]:
    from ecorad.rules.intervals import interval_rule_sets

    return tuple(interval_rule_sets())


def _contrast(fields: Fields) -> Any:
    from ecorad.safety import RenalFunction, check_contrast_interval

    dialysis = fields.choice("dialysis", DIALYSIS) or "none"
    unit = fields.choice("egfr_unit", UNITS) or UNITS[0]
    renal = RenalFunction(
        fields.number("egfr"), fields.time("egfr_at"), dialysis, fields.is_ticked("aki"), unit
    )  # fmt: skip
    return check_contrast_interval(
        previous=fields.needed("previous", AGENTS),
        following=fields.needed("next", AGENTS),
        egfr=None,
        previous_at=fields.time("previous_at", is_past=True),
        at=fields.time("next_at"),
        rule_set=fields.choice("rule_set", _rule_sets()),
        renal=renal,
        metformin=fields.is_ticked("metformin"),
    )


def _orders(fields: Fields) -> Any:
    from ecorad.safety.orders import check_dose, check_orders
    from ecorad.safety.request import parse_request

    request = parse_request(request_of(fields))
    return (check_dose if fields.is_ticked("radiation_only") else check_orders)(request)


def request_of(fields: Fields) -> dict[str, Any]:
    """What the form of orders asks, as the JSON of ``ecorad check order``; an order without modality is none."""
    from ecorad.safety.request import PREGNANCY, SEX

    period = fields.day("last_period")
    patient = {
        "age_years": fields.number("age_years"),
        "sex": fields.choice("sex", SEX),
        "pregnancy": fields.choice("pregnancy", PREGNANCY),
        "egfr": fields.number("egfr"),
        "egfr_at": _written(fields.time("egfr_at")),
        "egfr_unit": fields.choice("egfr_unit", UNITS),
        "dialysis": fields.choice("dialysis", DIALYSIS),
        "aki": fields.is_ticked("aki"),
        "metformin": fields.is_ticked("metformin"),
        "last_period": period and period.isoformat(),
        "cycle_length_days": fields.number("cycle_length_days"),
        **{name: fields.answer(name) for name in _PATIENT_ANSWERS},
    }
    given = [(fields.choice(f"given{n}", AGENTS), fields.time(f"given_at{n}", is_past=True)) for n in _up_to(PREVIOUS)]
    if any(agent is None and at is not None for agent, at in given):
        raise FieldError("given", "missing")
    return {
        "patient": patient,
        "orders": [one for n in _up_to(ORDERS) if (one := _order(fields, n)) is not None],
        "previous": [{"agent": agent, "at": _written(at)} for agent, at in given if agent is not None],
    }


def _order(fields: Fields, n: int) -> dict[str, Any] | None:
    modality = fields.choice(f"modality{n}", MODALITIES)
    is_done = fields.is_ticked(f"done{n}")
    told = {
        "body_region": fields.choice(f"region{n}", REGIONS),
        "contrast": fields.choice(f"contrast{n}", ("none", *AGENTS)),
        "at": _written(fields.time(f"at{n}", is_past=is_done)),
        "has_plain": fields.answer(f"has_plain{n}"),
        "indication": fields.answer(f"indication{n}"),
    }
    if modality is None:
        if any(value is not None for value in told.values()):
            raise FieldError(f"modality{n}", "missing")
        return None
    return {
        "id": str(n), "modality": modality, **told, "done": is_done, "follow_up": fields.is_ticked(f"follow_up{n}"),
    }  # fmt: skip


def choice_of(fields: Fields) -> dict[str, Any]:
    """What the form of tests asks, as the JSON that ``ecorad check choice`` reads; a test without modality is none."""
    from ecorad.safety.request import PREGNANCY, SEX

    patient = {
        "age_years": fields.number("age_years"),
        "sex": fields.choice("sex", SEX),
        "pregnancy": fields.choice("pregnancy", PREGNANCY),
    }
    tests = [
        {
            "id": str(n),
            "modality": modality,
            "exam": fields.text(f"exam{n}"),
            "answers": fields.answer(f"answers{n}"),
        }
        for n in _up_to(TESTS)
        if (modality := fields.choice(f"modality{n}", MODALITIES)) is not None
    ]
    if len(tests) < 2:
        raise FieldError("modality2", "missing")
    return {"patient": patient, "candidates": tests, "indication": fields.answer("indication")}


def _up_to(count: int) -> range:
    return range(1, count + 1)


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
