"""``ecorad patient``: a plain page for one patient about one examination."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from ecorad.model import InputError

from .console import next_step, note, print_json
from .options import AsJson, Directory

LANGUAGES = ("en", "zh", "nl")


def patient(
    directory: Directory,
    study: Annotated[
        str, typer.Argument(metavar="STUDY", help="Study key, or Study Instance UID.", show_default=False)
    ],
    language: Annotated[
        str | None, typer.Option("--language", metavar="en|zh|nl", help="Of the page; the site's unless said.")
    ] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="F", help="File; in DIR/out unless said.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write a page for one patient: dose in mSv, time of background, what ionises."""
    if language is not None and language not in LANGUAGES:
        raise InputError(f"--language must be one of {', '.join(LANGUAGES)}", code="ecorad.input.language")
    from ecorad.intake.register import open_ledger, pseudonymiser_of
    from ecorad.ledger import Workspace
    from ecorad.reporting.patient_dose import patient_page
    from ecorad.reporting.patient_exam import patient_exam
    from ecorad.reporting.site_factors import site_set

    workspace = Workspace.open(directory)
    keys = (study, pseudonymiser_of(workspace).key("study", study))
    with open_ledger(workspace) as ledger:
        exam = patient_exam(ledger, workspace, site_set(workspace).book, keys)
    spoken = language or workspace.site.language
    page = patient_page(exam, spoken)
    # Named by a digest: neither a UID nor a pseudonym that links to other tables stands in a file name.
    target = out or workspace.out_path / f"patient-{hashlib.sha256(keys[1].encode()).hexdigest()[:12]}-{spoken}.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page, encoding="utf-8")
    if as_json:
        dose = exam.effective
        known = dose is not None and dose.is_known
        print_json(
            {
                "page": str(target),
                "language": spoken,
                "modality": exam.modality,
                "effective_dose_msv": None if dose is None or not known else dose.value,
                "background_days": None if dose is None or not known else exam.background.days(dose),
            }
        )
        return
    note(f"Written: {target}. It names nobody: hand it over in person.")
    next_step(f"open {target} in a browser")
