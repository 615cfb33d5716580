"""Where records live: a journal for durability, Delta tables, one engine that reads them, receipts that add up."""

from .batch import Arrival, Fates, ReadingBlock
from .export import export_table
from .readings import Readings
from .receipts import deliveries, inputs, problems
from .snapshot import Ledger, RegisteredDevice
from .workspace import Workspace
from .writer import LedgerWriter, open_for_writing

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
