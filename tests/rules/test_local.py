"""A site's own rule sets: signed or not at all, beside the shipped ones, and never weaker by accident."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

import pytest

from ecorad.model import EcoradError, InputError
from ecorad.rules.catalogue import KINDS, rule_in_force, rule_sets, shipped_rule_sets
from ecorad.rules.intervals import interval_rule_sets
from ecorad.rules.local import read_local_rules, rules_of, signed_copy
from ecorad.safety import RenalFunction, check_contrast_interval

OWN = """
id = "{id}"
title = "Our intervals"
issued = 2026-10-01
citation = "Our contrast committee, minutes of October 2026"
evidence = "local agreement"
scope = "elective examinations"
{signature}
tiers = [ {{ name = "egfr_above_30", above = 30 }}, {{ name = "egfr_30_or_below" }}, {{ name = "dialysis_residual" }},
          {{ name = "dialysis_anuric" }} ]
[[cell]]
pair = ["gadolinium", "gadolinium"]
hours = {{ egfr_above_30 = {hours}, egfr_30_or_below = 200 }}
"""
SIGNED = 'signed_by = "contrast committee"\nsigned_on = 2026-10-05'
RENAL = """
id = "our-renal"
title = "When an eGFR may be used"
issued = 2026-10-01
citation = "Our laboratory"
evidence = "local agreement"
scope = "elective examinations"
signed_by = "head of radiology"
signed_on = 2026-10-05
replaces = "renal-function-1"
egfr_max_age_days = {days}
aki = "cannot_advise"
metformin = "apart"
"""
GIVEN = datetime(2026, 3, 2, 8, tzinfo=UTC)


def put(site, kind, name, text):
    folder = site / "rules" / kind
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def own(hours=24, signature=SIGNED, name="ours"):
    return OWN.format(id=name, hours=hours, signature=signature)


def ask(after_h, **facts):
    return check_contrast_interval(
        previous="gadolinium",
        following="gadolinium",
        egfr=80.0,
        previous_at=GIVEN,
        at=GIVEN + timedelta(hours=after_h),
        **facts,
    )


@pytest.mark.parametrize(("hours", "verdict", "decides"), [(24, "wait", "ours"), (2, "ok", "esur-10.0-2018")])
def test_the_stricter_of_both_tables_counts(tmp_path, hours, verdict, decides):
    """4 h are shipped: a local table may ask for more, and asking for less changes nothing."""
    put(tmp_path, "contrast_intervals", "a.toml", own(hours))
    assert ask(5).verdict == "ok"
    with rules_of(tmp_path):
        answer = ask(5)
        assert (answer.verdict, answer.rule_set) == (verdict, decides)
        assert ask(5, rule_set="ours").rule_set == "ours"
    assert "ours" not in interval_rule_sets()
    assert ask(5).verdict == "ok"


def test_a_shipped_set_is_signed_by_a_copy_of_it(tmp_path):
    for name in shipped_rule_sets():
        place, text = signed_copy(name, "head of radiology", date(2026, 10, 5))
        put(tmp_path, *place.removeprefix("rules/").split("/"), text)
    with rules_of(tmp_path):
        assert {(one.signed_by, one.signed_on) for one in rule_sets().values()} == {
            ("head of radiology", date(2026, 10, 5))
        }
        assert list(rule_sets()) == list(shipped_rule_sets())
        assert rule_in_force("duplicates-1").signed_by == "head of radiology"
    assert not any(one.signed_by for one in rule_sets().values())


def test_a_site_may_be_stricter_about_the_age_of_an_egfr(tmp_path):
    put(tmp_path, "conditions", "renal.toml", RENAL.format(days=30))
    renal = RenalFunction(80.0, egfr_at=GIVEN - timedelta(days=40))
    assert ask(5, renal=renal).verdict == "ok"
    with rules_of(tmp_path):
        assert ask(5, renal=renal).verdict == "cannot_advise"


@pytest.mark.parametrize(
    ("kind", "text", "code", "reason"),
    [
        ("contrast_intervals", own(signature=""), "ecorad.rules.unsigned", "nobody signed it"),
        ("contrast_intervals", own(signature='signed_by = "x"'), "ecorad.rules.unsigned", "signed_on"),
        (
            "contrast_intervals",
            own(signature='signed_by = " "\nsigned_on = 2026-10-05'),
            "ecorad.rules.unsigned",
            "signed_by",
        ),
        ("contrast_intervals", own().replace("citation", "cited"), "ecorad.rules.local", "citation"),
        ("contrast_intervals", own().replace("2026-10-01", '"soon"'), "ecorad.rules.local", "issued"),
        ("contrast_intervals", own(300), "ecorad.rules.order", "never shorter"),
        (
            "contrast_intervals",
            own().replace('"gadolinium", "gad', '"gadolinium", "sad'),
            "ecorad.rules.pair",
            "iodine",
        ),
        ("contrast_intervals", own().replace("hours =", "days ="), "ecorad.rules.local", "tiers and cells"),
        ("contrast_intervals", own("'four'"), "ecorad.rules.local", "tiers and cells"),
        ("contrast_intervals", own(name="esur-10.0-2018"), "ecorad.rules.local", "id of its own"),
        ("contrast_intervals", "replaces = 'esur-10.0-2018'" + own(), "ecorad.rules.local", "side by side"),
        ("my_rules", own(), "ecorad.rules.local", "is one of"),
        ("conditions", "not toml", "ecorad.rules.local", "TOML"),
        ("conditions", RENAL.format(days='"90"'), "ecorad.rules.local", "egfr_max_age_days"),
        ("conditions", RENAL.format(days=30).replace("egfr_max", "gfr_max"), "ecorad.rules.local", "egfr_max_age_days"),
        ("conditions", RENAL.format(days=30).replace("renal-function-1", "duplicates-1"), "ecorad.rules.local", "kind"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_place_and_reason(tmp_path, kind, text, code, reason):
    put(tmp_path, kind, "a.toml", text)
    with pytest.raises(InputError, match=reason) as refused:
        read_local_rules(tmp_path)
    assert refused.value.code == code
    assert f"rules/{kind}/a.toml" in str(refused.value)


def test_two_files_of_one_id_are_refused(tmp_path):
    put(tmp_path, "contrast_intervals", "a.toml", own())
    put(tmp_path, "contrast_intervals", "b.toml", own(30))
    with pytest.raises(InputError, match="another file"):
        read_local_rules(tmp_path)


def test_an_altered_copy_of_a_shipped_set_is_refused(tmp_path):
    place, text = signed_copy("esur-10.0-2018", "x", date(2026, 10, 5))
    put(tmp_path, *place.removeprefix("rules/").split("/"), text.replace("= 48", "= 24"))
    with pytest.raises(InputError, match="differs from the shipped"):
        read_local_rules(tmp_path)


def test_a_span_keeps_its_two_ends(tmp_path):
    text = (files("ecorad.rules") / "preparation" / "breast-mri-rimag-2022.toml").read_text("utf-8")
    text = text.replace('id = "breast-mri-rimag-2022"', 'id = "ours"\nreplaces = "breast-mri-rimag-2022"')
    text = text.replace('signed_by = ""', SIGNED)
    put(tmp_path, "preparation", "a.toml", text)
    assert read_local_rules(tmp_path).instead["breast-mri-rimag-2022"].id == "ours"
    put(tmp_path, "preparation", "a.toml", text.replace("cycle_days = [7, 14]", "cycle_days = [7]"))
    with pytest.raises(InputError, match="cycle_days"):
        read_local_rules(tmp_path)


@pytest.mark.parametrize("signature", ["", " ", 'a"b', "a\\b", "a\nb"])
def test_a_signature_is_a_plain_text(signature):
    with pytest.raises(EcoradError) as refused:
        signed_copy("duplicates-1", signature, date(2026, 10, 5))
    assert refused.value.code == "ecorad.rules.unsigned"


def test_every_kind_has_its_shipped_sets():
    assert {one.kind for one in shipped_rule_sets().values()} == set(KINDS)
