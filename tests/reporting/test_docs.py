from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_page_of_audit_json_is_what_the_schema_says():
    path = ROOT / "tools" / "make_audit_json_docs.py"
    spec = importlib.util.spec_from_file_location("make_audit_json_docs", path)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert (ROOT / "docs" / "reference" / "audit-json.md").read_text("utf-8") == tool.page()


def test_picture_of_the_report_is_there_and_small():
    picture = ROOT / "docs" / "images" / "report.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size < 400_000
