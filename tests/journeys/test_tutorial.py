"""Every ``$ ecorad`` line of the tutorial runs, in its order, in one folder."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

from tests.journeys.workspace import ECORAD

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorials" / "first-report.md"
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


def lines() -> list[str]:
    blocks = BLOCK.findall(TUTORIAL.read_text("utf-8"))
    return [line.removeprefix("$ ecorad ") for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def test_the_tutorial_runs(tmp_path):
    assert len(lines()) > 6
    for line in lines():
        done = subprocess.run(
            [*ECORAD, *shlex.split(line)], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode in {0, 1}, f"{line}\n{done.stderr}"
    assert (tmp_path / "practice" / "out" / "report.html").stat().st_size > 10_000
    assert (tmp_path / "exams.csv").read_text("utf-8").startswith("study_key")
