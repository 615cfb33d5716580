"""Where records live: a journal for durability, Delta tables, one engine that reads them, receipts that add up."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .batch import Arrival, Fates, ReadingBlock
    from .export import export_table
    from .readings import Readings
    from .receipts import deliveries, inputs, problems
    from .snapshot import Ledger, RegisteredDevice
    from .workspace import Workspace
    from .writer import LedgerWriter, open_for_writing

# Where each name lives. A process that only decodes needs the batch, and should not load the engine for it.
_HOMES = {
    "Arrival": "batch",
    "Fates": "batch",
    "Ledger": "snapshot",
    "LedgerWriter": "writer",
    "ReadingBlock": "batch",
    "Readings": "readings",
    "RegisteredDevice": "snapshot",
    "Workspace": "workspace",
    "deliveries": "receipts",
    "export_table": "export",
    "inputs": "receipts",
    "open_for_writing": "writer",
    "problems": "receipts",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


__all__ = [
    "Arrival",
    "Fates",
    "Ledger",
    "LedgerWriter",
    "ReadingBlock",
    "Readings",
    "RegisteredDevice",
    "Workspace",
    "deliveries",
    "export_table",
    "inputs",
    "open_for_writing",
    "problems",
]
