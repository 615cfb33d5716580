"""A form that asks for a leaflet before an examination, and the leaflet; it needs no study and no patient."""

from __future__ import annotations

from ecorad.ledger import Workspace
from ecorad.model import InputError

from .check import AGENTS, MODALITIES, REGIONS
from .fields import FieldError, Fields
from .kit import LANGUAGES, render


class LeafletPage:
    """Draws the form and makes the leaflet.

    Parameters
    ----------
    workspace : Workspace
        Its rules, its factors and its country.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def form(self, token: str, trouble: str | None = None, *, can_change: bool) -> str:
        """The form; ``trouble`` is the name of a text that says why there is no leaflet."""
        from ecorad.reporting.leaflet import known_exams, known_nuclides
        from ecorad.reporting.messages import messages
        from ecorad.reporting.site_factors import site_set

        site = self._workspace.site
        catalogue = messages(site.language)
        book = site_set(self._workspace).book
        return render(
            "leaflet",
            language=site.language,
            can_change=can_change,
            site=site.name,
            token=token,
            trouble=trouble,
            languages=LANGUAGES,
            agents=AGENTS,
            modalities=[(one, catalogue.named("modality", one)) for one in MODALITIES],
            regions=[(one, catalogue.named("region", one)) for one in REGIONS],
            exams=known_exams(book),
            nuclides=known_nuclides(book),
        )

    def made(self, fields: Fields) -> tuple[str | None, str]:
        """The leaflet, or ``None`` and the name of a text that says why there is none."""
        from ecorad.reporting.leaflet import Leaflet, leaflet
        from ecorad.reporting.site_factors import site_set
        from ecorad.rules.local import rules_of

        try:
            language = fields.needed("language", LANGUAGES)
            about = Leaflet(
                modality=fields.needed("modality", MODALITIES),
                region=fields.choice("region", REGIONS),
                contrast=fields.choice("contrast", AGENTS),
                exam=fields.text("exam"),
                nuclide=fields.text("nuclide"),
                country=self._workspace.site.grid_zone or "",
            )
        except FieldError:
            return None, "bad"
        try:
            with rules_of(self._workspace.path):
                return leaflet(about, site_set(self._workspace).book, language), ""
        except InputError as error:
            return None, "cannot" if error.code == "ecorad.leaflet.request" else "rules"
