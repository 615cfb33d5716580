from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_of_the_rule_sets_is_what_their_files_say():
    path = ROOT / "tools" / "make_rules_docs.py"
    spec = importlib.util.spec_from_file_location("make_rules_docs", path)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert tool.PAGE.read_text("utf-8") == tool.page()
