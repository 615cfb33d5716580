"""A page for one patient, made on this machine: what is asked for comes in a body, never in an address."""

from __future__ import annotations

from ecorad.ledger import Workspace
from ecorad.model import InputError, UnknownNameError

from .kit import LANGUAGES, render

# The longest thing that is a study's key or UID by far. [characters]
_LONGEST = 128


class PatientPage:
    """Draws the form, and the page of one examination.

    Parameters
    ----------
    workspace : Workspace
        Where the examinations are.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def form(self, token: str, trouble: str | None = None) -> str:
        """The form; ``trouble`` is the name of a text that says why there is no page; it repeats nothing typed."""
        site = self._workspace.site
        return render(
            "patient",
            language=site.language,
            can_change=True,
            site=site.name,
            token=token,
            trouble=trouble,
            languages=LANGUAGES,
        )

    def made(self, study: str, language: str) -> tuple[str | None, str]:
        """The page of a study, or ``None`` and the name of a text that says why there is none."""
        from ecorad.intake.register import open_ledger, pseudonymiser_of
        from ecorad.reporting.patient_dose import patient_page
        from ecorad.reporting.patient_exam import patient_exam
        from ecorad.reporting.site_factors import site_set

        if not study or len(study) > _LONGEST or language not in LANGUAGES:
            return None, "bad"
        keys = (study, pseudonymiser_of(self._workspace).key("study", study))
        try:
            with open_ledger(self._workspace) as ledger:
                exam = patient_exam(ledger, self._workspace, site_set(self._workspace).book, keys)
            return patient_page(exam, language), ""
        except UnknownNameError:
            return None, "not_found"
        except InputError:
            return None, "cannot"
