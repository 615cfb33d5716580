"""``ecorad leaflet``: a plain leaflet for patients before an examination."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ecorad.model import InputError

from .console import note, print_json
from .options import AsJson, SiteRules
from .patient import LANGUAGES


def leaflet(
    modality: Annotated[str, typer.Argument(metavar="MODALITY", help="CT, MR, US, DX ...", show_default=False)],
    region: Annotated[str | None, typer.Option("--region", metavar="NAME", help="breast, abdomen, chest ...")] = None,
    contrast: Annotated[str | None, typer.Option("--contrast", metavar="iodine|gadolinium", help="If given.")] = None,
    exam: Annotated[
        str | None, typer.Option("--exam", metavar="NAME", help="Whose typical dose is told: ct_chest, xr_chest ...")
    ] = None,
    nuclide: Annotated[str | None, typer.Option("--nuclide", metavar="NAME", help="F-18, Tc-99m ...")] = None,
    site: SiteRules = None,
    language: Annotated[
        str | None, typer.Option("--language", metavar="en|zh|nl", help="The site's, else English, unless said.")
    ] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="F", help="File; here unless said.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write a leaflet for patients: radiation, preparation, what to tell; with its sources."""
    from ecorad.factors import book
    from ecorad.ledger import Workspace
    from ecorad.reporting.leaflet import Leaflet
    from ecorad.reporting.leaflet import leaflet as write
    from ecorad.reporting.site_factors import site_set
    from ecorad.rules.local import rules_of

    workspace = None if site is None else Workspace.open(site)
    spoken = language or ("en" if workspace is None else workspace.site.language)
    if spoken not in LANGUAGES:
        raise InputError(f"--language must be one of {', '.join(LANGUAGES)}", code="ecorad.input.language")
    about = Leaflet(
        modality=modality.upper(),
        region=region,
        contrast=contrast,
        exam=exam,
        nuclide=nuclide,
        country="" if workspace is None else workspace.site.grid_zone or "",
    )
    with rules_of(site):
        page = write(about, book() if workspace is None else site_set(workspace).book, spoken)
    target = out or Path(f"leaflet-{about.modality.lower()}-{spoken}.html")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page, encoding="utf-8")
    if as_json:
        print_json({"page": str(target), "language": spoken, "modality": about.modality})
        return
    note(f"Written: {target}. A doctor of the house should read it before patients do.")
