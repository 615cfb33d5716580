"""A small department, simulated and ingested once; each command is asked in process."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecorad.cli.app import run


@pytest.fixture(scope="session")
def department(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two days of two scanners, ingested but not audited. Not to be changed by a test."""
    folder = tmp_path_factory.mktemp("cli") / "site"
    assert run(["simulate", str(folder), "--days", "2", "--scanners", "2", "--seed", "3"]) == 0
    assert run(["ingest", str(folder), str(folder / "incoming"), "--workers", "1"]) in {0, 1}
    return folder


@pytest.fixture(scope="session")
def audited(department: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same department, audited. Not to be changed by a test."""
    folder = tmp_path_factory.mktemp("cli") / "audited"
    shutil.copytree(department, folder)
    assert run(["audit", str(folder)]) == 0
    return folder


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """The one JSON object a command prints."""

    def ask(*arguments: object, status: int = 0) -> Any:
        capsys.readouterr()
        assert run([*map(str, arguments), "--json"]) == status
        return json.loads(capsys.readouterr().out)

    return ask
