"""The ledger as it was when it was opened: a consistent view for readers, while a writer may go on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb
import ibis
import numpy as np
from numpy.typing import NDArray

from ecorad.model import Period, table, tables

from . import views
from .engine import connect
from .meters import stage_meters
from .present import stage_present
from .reading_parts import HELD, parts_of, span_of, together
from .readings import Readings
from .staging import sql_type, stage_rows
from .workspace import Workspace

Columns = dict[str, NDArray[Any]]
# Views that are folded from another view.
_STANDS_ON = {"study": "series", "administration": "medication_link"}


@dataclass(frozen=True, slots=True)
class RegisteredDevice:
    """A device of ``site.toml`` under its key."""

    device_key: str
    alias: str
    modality: str | None = None
    manufacturer: str | None = None
    model: str | None = None


class Ledger:
    """Reads tables and views; open it with :meth:`read`."""

    def __init__(
        self,
        workspace: Workspace,
        connection: duckdb.DuckDBPyConnection,
        register: Sequence[RegisteredDevice],
        *,
        is_checked: bool,
    ) -> None:
        self.workspace = workspace
        self.connection = connection
        self._made: set[str] = set()
        self._define(register, is_checked=is_checked)

    @classmethod
    @contextmanager
    def read(
        cls, workspace: Workspace, register: Sequence[RegisteredDevice] = (), *, is_checked: bool = True
    ) -> Iterator[Ledger]:
        """A snapshot of the ledger; later commits do not change what it says.

        Parameters
        ----------
        workspace : Workspace
            Whose ledger.
        register : sequence of RegisteredDevice
            The devices of ``site.toml``; they appear in ``device`` even when never seen.
        is_checked : bool
            Whether files are held against their sums: not for who asks again every few seconds.

        Raises
        ------
        StoreError
            ``ecorad.store.damaged`` if a file is missing, cannot be read, or is not what was written.
        """
        with connect() as connection:
            yield cls(workspace, connection, register, is_checked=is_checked)

    def columns(
        self,
        name: str,
        columns: Sequence[str] | None = None,
        where: str | None = None,
        order_by: Sequence[str] = ("record_key",),
    ) -> Columns:
        """Columns of a table or view as arrays.

        Parameters
        ----------
        name : str
            A table of the data dictionary that is not a result.
        columns : sequence of str, optional
            All unless said.
        where : str, optional
            SQL condition in the dictionary's names; written by the program, never taken from outside.
        order_by : sequence of str
            Columns that order the rows.

        Returns
        -------
        dict of str to ndarray
            Texts, and what may be neither true nor false, as objects with ``None``; numbers that may be missing as
            float64 with NaN; times as ``datetime64[us]`` in UTC with NaT.

        Raises
        ------
        UnknownNameError
            For a table that there is not.
        """
        spec = table(name)
        self.materialise(name)
        wanted = tuple(columns or spec.column_names)
        listed = ", ".join(f'"{column}"' for column in wanted)
        order = ", ".join(f'"{column}"' for column in order_by)
        condition = f" WHERE {where}" if where else ""
        found = self.connection.execute(f'SELECT {listed} FROM "{name}"{condition} ORDER BY {order}').fetchnumpy()
        return {c.name: _filled(found[c.name], c.type, c.nullable) for c in spec.columns if c.name in wanted}

    def readings(self, meter_key: str, period: Period | None = None) -> Readings:
        """The readings of one meter, newest versions only, sorted, without overlaps."""
        return together(self.reading_parts(meter_key, period))

    def reading_parts(self, meter_key: str, period: Period | None = None) -> Iterator[Readings]:
        """The same some days at a time, for readings that are too many to be held at once."""
        self.materialise("meter")
        begins = "SELECT epoch_us(first_utc) FROM meter_seen WHERE meter_key = $meter ORDER BY 1"
        found = self.connection.execute(begins, {"meter": meter_key}).fetchall()
        return parts_of(self.connection, meter_key, [span_of(at_us) for (at_us,) in found], period)

    def meter_keys(self) -> list[str]:
        """Every meter that gave a reading, sorted."""
        rows = self.connection.execute('SELECT DISTINCT meter_key FROM "reading" ORDER BY ALL').fetchall()
        return [key for (key,) in rows]

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Rows of a query over tables already materialised; for this room and its siblings in the layers above."""
        found = self.connection.execute(query)
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def relation(self, name: str) -> duckdb.DuckDBPyRelation:
        """A table or view for streaming out."""
        self.materialise(name)
        return self.connection.sql(f'SELECT * FROM "{name}"')

    def _define(self, register: Sequence[RegisteredDevice], *, is_checked: bool) -> None:
        """Views on the files as they are now: everything received, and of it what is current."""
        stored = [spec.name for spec in tables().values() if spec.kind == "stored"]
        path = self.workspace.ledger_path
        stage_present(self.connection, path, stored, views.RECEIVED, is_checked=is_checked)
        for name in stored:
            self.connection.execute(f'CREATE TEMP VIEW "{name}" AS {_sql(views.current(name))}')
        self.connection.execute(f"CREATE TEMP VIEW {HELD} AS {_sql(views.holding('reading'))}")
        rows = [(d.device_key, d.alias, d.modality, d.manufacturer, d.model) for d in register]
        columns = {name: ("string", [row[i] for row in rows]) for i, name in enumerate(views.REGISTER)}
        stage_rows(self.connection, "register", columns)

    def materialise(self, name: str) -> None:
        """Make a folded view a table, once: it is small, and may be asked for often."""
        if name in self._made or table(name).kind != "view":
            return
        self._made.add(name)
        if name == "meter":
            stage_meters(self.connection, self.workspace.site)
            return
        if name in _STANDS_ON:
            self.materialise(_STANDS_ON[name])
        # Cast once more: a sum of whole numbers is wider in the engine than the expression says.
        cells = ", ".join(f'"{c.name}"::{sql_type(c.type)} AS "{c.name}"' for c in table(name).columns)
        self.connection.execute(f'CREATE TEMP TABLE "{name}" AS SELECT {cells} FROM ({_sql(views.folded(name))})')


def _sql(expression: ibis.Expr) -> str:
    return str(ibis.to_sql(expression, dialect="duckdb"))


def _filled(found: NDArray[Any], kind: str, nullable: bool) -> NDArray[Any]:
    """An engine's masked column as a plain array, unknown as the type says it."""
    missing = np.ma.getmaskarray(found) if np.ma.isMaskedArray(found) else np.zeros(len(found), dtype=bool)
    plain = np.ma.getdata(found)
    if kind == "string" or (kind == "bool" and nullable):
        objects = np.array(plain, dtype=object)
        objects[missing] = None
        return objects
    if kind == "float64" or (kind == "int64" and nullable):
        numbers = np.array(plain, dtype=np.float64)
        numbers[missing] = np.nan
        return numbers
    if kind in {"timestamp", "date"}:
        times = np.array(plain, dtype="datetime64[us]")
        times[missing] = np.datetime64("NaT")
        return times
    return np.array(plain)
