"""``ecorad serve``: records that arrive by themselves."""

from __future__ import annotations

from typing import Annotated

import typer

from .console import note
from .options import Directory


def serve(
    directory: Directory,
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="Of the web port.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535, help="Of the web port.")] = 8787,
    meter_window: Annotated[
        float, typer.Option("--meter-window", metavar="S", min=0, help="Seconds in which live samples are gathered.")
    ] = 300.0,
) -> int:
    """Listen for DICOM, HL7 and meters as site.toml says, and show the receipts page; stop with Ctrl-C."""
    from ecorad.ledger import Workspace
    from ecorad.model import MissingExtraError

    workspace = Workspace.open(directory)
    try:
        import google_crc32c
        import starlette
        import uvicorn
    except ImportError:
        raise MissingExtraError("serving needs: pip install 'ecorad[serve]'") from None
    del google_crc32c, starlette, uvicorn
    import asyncio

    from ecorad.service.server import Running
    from ecorad.service.server import serve as run

    def ready(running: Running) -> None:
        for one in running.listeners:
            note(f"{one['name']:10} {one['address']}")

    return asyncio.run(run(workspace, host, port, ready=ready, meter_window_s=meter_window))
