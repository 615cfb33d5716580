"""The shipped book with other values in some of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ecorad.factors import FactorBook, book


def with_values(values: Mapping[str, float]) -> FactorBook:
    """Each row named has its new value for both bounds too."""
    assert set(values) <= {row.factor_id for row in book()}
    return FactorBook(
        tuple(
            replace(
                table,
                factors=tuple(
                    replace(row, value=new, low=new, high=new)
                    if (new := values.get(row.factor_id)) is not None
                    else row
                    for row in table.factors
                ),
            )
            for table in book().tables
        )
    )
