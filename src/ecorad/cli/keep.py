"""``ecorad backup``, ``restore`` and ``rebuild``: keeping what was received."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ecorad.model import InputError

from .console import next_step, note, print_json, say
from .failure import Status
from .options import AsJson, Directory


def backup(
    directory: Directory,
    target: Annotated[Path, typer.Argument(metavar="FILE", help="The backup to write; its keys go to FILE.keys.")],
) -> int:
    """Write the whole site into one file, and its keys into another; keep them in different places."""
    from ecorad.ledger import Workspace
    from ecorad.service.backup import back_up, keys_beside

    files, size = back_up(Workspace.open(directory), target)
    say(f"{files:,} files, {size / 1e6:,.1f} MB in {target}; keys in {keys_beside(target)}")
    return Status.DONE


def restore(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")],
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the site; new or empty.")],
    keys: Annotated[
        Path | None, typer.Option("--keys", metavar="FILE", help="Its keys; FILE.keys where that is there.")
    ] = None,
) -> int:
    """Make a site of a backup; every file is checked against its digest."""
    if not source.is_file():
        raise InputError(f"there is no {source}", code="ecorad.input.no_source")
    from ecorad.service.backup import keys_beside
    from ecorad.service.backup import restore as run

    files = run(source, directory, keys)
    say(f"{files:,} files restored")
    if keys is None and not keys_beside(source).exists():
        note("Without the keys new records will not match the old ones: restore again with --keys.")
    next_step(f"ecorad doctor {directory}")
    return Status.DONE


def rebuild(
    directory: Directory,
    sources: Annotated[
        list[Path] | None, typer.Argument(metavar="[SOURCE...]", help="What was ingested from files and folders.")
    ] = None,
    accept_loss: Annotated[
        bool, typer.Option("--accept-loss", help="Take the new tables even if they know less than the old ones.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Make the tables anew from the receive journal and from sources; the old ones are moved aside."""
    missing_source = [source for source in sources or [] if not source.exists()]
    if missing_source:
        raise InputError(f"there is no {missing_source[0]}", code="ecorad.input.no_source")
    from ecorad.ledger import Workspace
    from ecorad.service.rebuild import rebuild as run

    found = run(Workspace.open(directory), sources or [], accept_loss=accept_loss)
    if as_json:
        damages = [
            {
                "stream": stream,
                "segment": d.segment,
                "start": d.start,
                "end": d.end,
                "kind": d.kind,
                "records": d.records,
            }
            for stream, d in found.damages
        ]
        print_json(
            {
                "journal_records": found.journal_records,
                "source_inputs": found.source_inputs,
                "missing": found.missing,
                "kept": found.is_kept,
                "damages": damages,
            }
        )
    else:
        say(f"{found.journal_records:,} records of the journal and {found.source_inputs:,} inputs of sources read")
        for stream, one in found.damages:
            say(f"  {stream} {one.segment}: bytes {one.start:,} to {one.end:,} {one.kind} [ecorad.spool.damaged]")
    if not found.is_kept:
        note(f"{found.missing:,} inputs are in the old tables alone, so these stay: name their sources as well.")
        next_step(f"ecorad rebuild {directory} SOURCE...")
        return Status.QUARANTINED
    note(f"The old tables lie in {found.aside}; delete them when you have looked.")
    return Status.DONE if found.missing == 0 else Status.QUARANTINED
