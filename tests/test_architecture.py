"""The house keeps its shape: arrows between rooms, sizes, names; and each contract breaks when it is violated."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "ecorad"
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "base", "core"}
MODULES = sorted(PACKAGE.rglob("*.py"))
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
BRANCH = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.match_case)

# One import for each arrow that must not be drawn: (contract, from, to).
VIOLATIONS = [
    ("house", "model", "factors"),
    ("house", "factors", "rules"),
    ("house", "rules", "ledger"),
    ("house", "ledger", "intake"),
    ("house", "intake", "footprint"),
    ("house", "footprint", "safety"),
    ("house", "safety", "intake"),
    ("house", "footprint", "findings"),
    ("house", "findings", "verification"),
    ("house", "verification", "planning"),
    ("house", "planning", "advice"),
    ("house", "advice", "reporting"),
    ("house", "reporting", "cli"),
    ("house", "service", "cli"),
    ("simulation-stands-alone", "simulation", "ledger"),
    ("simulation-stands-alone", "simulation", "footprint"),
    ("nobody-knows-the-truth", "reporting", "simulation"),
    ("nobody-knows-the-truth", "footprint", "simulation"),
    ("safety-knows-no-footprint", "safety", "footprint"),
    ("safety-knows-no-footprint", "safety", "factors"),
    ("standards-apart", "intake.dicom", "intake.meters"),
    ("standards-apart", "intake.meters", "intake.ledgers"),
    ("decoders-do-no-storage", "intake.meters", "ledger"),
    ("decoders-do-no-storage", "intake.dicom", "duckdb"),
    ("footprint-is-arithmetic", "footprint", "ledger"),
    ("pages-read-the-statement", "reporting.html", "footprint"),
    ("model-needs-nothing", "model", "scipy"),
]


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the contracts over the package in ``folder``."""
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command as c; c()",
            "--no-cache",
            "--no-logo",
        ],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "COLUMNS": "400", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def copied_house(folder: Path) -> Path:
    """The package and its contracts, beside each other in ``folder``."""
    shutil.copytree(PACKAGE, folder / "ecorad", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def module_file(house: Path, name: str) -> Path:
    """The file of a room or module."""
    path = house / "ecorad" / Path(*name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def ours(name: str) -> str:
    return f"ecorad.{name}" if name.split(".", maxsplit=1)[0] in {p.stem for p in PACKAGE.iterdir()} else name


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> str:
    """What import-linter says of the house as it is."""
    return lint_imports(copied_house(tmp_path_factory.mktemp("sound"))).stdout


@pytest.fixture(scope="module")
def violated(tmp_path_factory) -> str:
    """What import-linter says when every forbidden arrow is drawn at once."""
    house = copied_house(tmp_path_factory.mktemp("violated"))
    for _, source, target in VIOLATIONS:
        with module_file(house, source).open("a", encoding="utf-8") as code:
            code.write(f"\nimport {ours(target)}\n")
    done = lint_imports(house)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("contract", [c["id"] for c in CONFIG["contracts"]])
def test_every_contract_is_kept(sound, contract):
    name = next(c["name"] for c in CONFIG["contracts"] if c["id"] == contract)
    assert f"{name} KEPT" in sound, sound


@pytest.mark.parametrize("contract", [c["id"] for c in CONFIG["contracts"]])
def test_every_contract_can_break(violated, contract):
    name = next(c["name"] for c in CONFIG["contracts"] if c["id"] == contract)
    assert contract in {violation[0] for violation in VIOLATIONS}
    assert f"{name} BROKEN" in violated, violated


@pytest.mark.parametrize(("contract", "source", "target"), VIOLATIONS)
def test_each_forbidden_arrow_is_seen(violated, contract, source, target):
    name = next(c["name"] for c in CONFIG["contracts"] if c["id"] == contract)
    section = violated.split("Broken contracts")[1].split(name)[1]
    assert f"ecorad.{source}" in section and ours(target) in section


def test_an_unknown_room_is_seen(tmp_path):
    house = copied_house(tmp_path)
    (house / "ecorad" / "attic").mkdir()
    (house / "ecorad" / "attic" / "__init__.py").write_text('"""A room without a place."""\n')
    done = lint_imports(house)
    assert done.returncode == 1
    assert "ecorad.attic" in done.stdout + done.stderr


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, FUNCTION)]


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring."""
    first = function.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_files_and_functions_stay_small(path):
    assert len(path.read_text("utf-8").splitlines()) <= 600
    long = {f.name: code_lines(f) for f in functions(path) if code_lines(f) > 50}
    branched = {f.name: n for f in functions(path) if (n := sum(isinstance(x, BRANCH) for x in ast.walk(f))) > 10}
    assert not long, long
    assert not branched, branched


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_every_public_thing_says_what_it_is(path):
    tree = ast.parse(path.read_text("utf-8"))
    assert ast.get_docstring(tree), "the module opens with one sentence"
    public = [n for n in tree.body if isinstance(n, (*FUNCTION, ast.ClassDef)) and not n.name.startswith("_")]
    methods = [n for c in public if isinstance(c, ast.ClassDef) for n in c.body if isinstance(n, FUNCTION)]
    silent = [n.name for n in (*public, *methods) if not n.name.startswith("_") and not ast.get_docstring(n)]
    assert not silent, silent


def test_no_file_hides_behind_a_name_that_says_nothing():
    named = [
        relative(path) for path in PACKAGE.rglob("*") if path.stem in FORBIDDEN_NAMES and path.suffix in {"", ".py"}
    ]
    assert not named


def test_most_files_are_short():
    lengths = sorted(len(path.read_text("utf-8").splitlines()) for path in MODULES if path.name != "__init__.py")
    assert lengths[len(lengths) // 2] <= 200


def test_importing_the_command_line_imports_nothing_heavy():
    heavy = "numpy duckdb deltalake ibis scipy pydicom openpyxl jinja2 arro3".split()
    code = f"import sys, ecorad, ecorad.model, ecorad.cli; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
