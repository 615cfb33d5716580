"""Every row of the fault model has a test named after it, such as ``test_b7_…``."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
# How many rows each part has: association, content, files and web and steps, HL7, meters, store and process.
ROWS = {"a": 13, "b": 16, "c": 15, "d": 3, "e": 14, "h": 11}
_NAME = re.compile(r"test_([a-h])([1-9]\d?)_")


def named():
    """Row to the tests that bear its name."""
    found: dict[str, list[str]] = {}
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (match := _NAME.match(node.name)):
                found.setdefault(f"{match[1]}{match[2]}", []).append(f"{path.relative_to(TESTS.parent)}::{node.name}")
    return found


def test_every_row_has_a_test_of_its_name():
    found = named()
    wanted = [f"{part}{number}" for part, count in ROWS.items() for number in range(1, count + 1)]
    assert [row for row in wanted if row not in found] == []


def test_no_name_is_of_a_row_that_is_not_there():
    more = {"d": 11}  # rows beyond those asked for have tests too
    for row, tests in named().items():
        part, number = row[0], int(row[1:])
        assert 1 <= number <= more.get(part, ROWS.get(part, 0)), tests
