"""What the documentation claims is executed: code, links, commands, codes, reasons, words."""

from __future__ import annotations

import ast
import doctest
import importlib.util
import re
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "ecorad"
LEFT_OUT = {".git", ".venv", "demo", "build", "dist"}
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"ecorad(\.[a-z][a-z0-9_]*)+")
COMMAND = re.compile(r"(?:^|`|\s)(?:\.venv/bin/)?ecorad ([a-z]+)", re.MULTILINE)
# Written in pieces, so that this file does not find itself.
REGISTRIES = ["py" + "pi.org", "python" + "hosted", "--index" + "-url", "--trusted" + "-host", "/sim" + "ple/"]
FOREIGN = [r"\bfa" + r"rm\b", r"/wo" + r"rk/", r"\bsub-?ag" + r"ents?\b", r"\bissue #\d", r"\bhelper sess" + r"ion"]


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def texts() -> list[Path]:
    """Every text file of the repository."""
    kinds = {".py", ".md", ".toml", ".txt", ".sh", ".j2", ".css", ".js", ".json", ""}
    named = (path for path in ROOT.rglob("*") if path.suffix in kinds and path.is_file())
    parts = ((path, path.relative_to(ROOT).parts) for path in named)
    return [
        path
        for path, part in parts
        if not LEFT_OUT & set(part)
        and not any((p.startswith(".") and p != ".ci") or p.endswith(".egg-info") for p in part)
    ]


@pytest.mark.parametrize("page", [page for page in PAGES if PYTHON.search(page.read_text("utf-8"))], ids=relative)
def test_every_python_block_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "__docs__"}
    for block in PYTHON.findall(page.read_text("utf-8")):
        if ">>>" in block:
            examples = doctest.DocTestParser().get_doctest(block, names, relative(page), relative(page), 0)
            runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
            assert runner.run(examples, clear_globs=False).failed == 0
            names = examples.globs
        else:
            exec(compile(block, relative(page), "exec"), names)


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_links_lead_somewhere(page):
    targets = [link.partition("#")[0] for link in LINK.findall(page.read_text("utf-8"))]
    broken = [t for t in targets if t and "://" not in t and not (page.parent / t).exists()]
    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_pages_name_only_commands_that_exist(page):
    from ecorad.cli.app import app

    known = {command.name or command.callback.__name__ for command in app.registered_commands}
    known |= {group.name for group in app.registered_groups}
    blocks = re.findall(r"```(?:console|bash)\n(.*?)```|`(ecorad [^`]*)`", page.read_text("utf-8"), re.DOTALL)
    named = {name for block in blocks for name in COMMAND.findall(" ".join(block))}
    assert named <= known


def tool(name: str):
    """A script of ``tools/`` as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_of_issue_codes_is_that_of_the_pages():
    module = tool("collect_issue_codes")
    assert module.TABLE.read_text("utf-8") == module.collected(), "run python tools/collect_issue_codes.py"


def test_reference_pages_are_those_the_program_writes():
    module = tool("write_reference")
    for page, write in module.PAGES.items():
        assert (module.REFERENCE / page).read_text("utf-8") == write(), "run python tools/write_reference.py"


def codes_in(path: Path) -> set[str]:
    """Every stable code a module may give: texts that look like one and are not the name of a module."""
    strings = (n.value for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Constant))
    codes = {text for text in strings if isinstance(text, str) and CODE.fullmatch(text)}
    return {code for code in codes if not module_exists(code)}


def module_exists(name: str) -> bool:
    path = ROOT.joinpath("src", *name.split("."))
    return path.is_dir() or path.with_suffix(".py").exists()


def test_every_issue_code_has_its_line():
    documented = {
        code
        for page in (ROOT / "docs" / "reference" / "issues").glob("*.md")
        for code in re.findall(r"^\|\s*`(ecorad\.[a-z0-9_.]+)`\s*\|", page.read_text("utf-8"), re.MULTILINE)
    }
    used = {code for path in PACKAGE.rglob("*.py") for code in codes_in(path)}
    assert used - documented == set()


def test_every_dependency_says_why():
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    project = tomllib.loads(text)["project"]
    wanted = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    reasons = dict(re.findall(r'^\s+"([^"]+)",\s+# (\S.{10,})$', text, re.MULTILINE))
    assert set(wanted) <= set(reasons)


@pytest.mark.parametrize("name", ["core.txt", "serve.txt", "pacs.txt", "dev.txt"])
def test_requirements_are_pinned_with_hashes(name):
    text = (ROOT / "requirements" / name).read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert lines
    assert all(re.match(r"[a-z0-9._-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line) for line in lines)


def test_requirements_hold_every_direct_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    for name, wanted in (
        ("core.txt", project["dependencies"]),
        ("serve.txt", extras["serve"]),
        ("pacs.txt", [*extras["pacs"], *extras["cloud"]]),
        ("dev.txt", extras["dev"]),
    ):
        pinned = set(re.findall(r"^([a-z0-9._-]+)==", (ROOT / "requirements" / name).read_text("utf-8"), re.MULTILINE))
        assert {re.split(r"[<>=~]", one)[0] for one in wanted} <= pinned


def test_no_file_holds_the_address_of_a_package_index():
    found = [relative(path) for path in texts() for word in REGISTRIES if word in path.read_text("utf-8", "replace")]
    assert not found


def test_the_project_speaks_of_itself_alone():
    pattern = re.compile("|".join(FOREIGN), re.IGNORECASE)
    found = [f"{relative(p)}: {m[0]}" for p in texts() if (m := pattern.search(p.read_text("utf-8", "replace")))]
    assert not found


def test_the_version_is_one():
    import ecorad

    assert tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"] == ecorad.__version__


def test_python_is_as_old_as_promised():
    assert sys.version_info >= (3, 11)


TOML = re.compile(r"^```toml\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", [page for page in PAGES if TOML.search(page.read_text("utf-8"))], ids=relative)
def test_every_toml_block_is_a_site(page):
    from ecorad.model import parse_site

    for block in TOML.findall(page.read_text("utf-8")):
        assert parse_site(tomllib.loads(block)).name


def test_site_toml_is_shown_whole():
    from dataclasses import fields

    from ecorad.model import DeviceEntry, LedgerMapping, MeterEntry, Site
    from ecorad.model.factor_choices import FactorChoices
    from ecorad.model.listen import DicomListener, HttpReceiver, Listen, MllpListener, MqttSource
    from ecorad.model.site_change import ChangeEntry
    from ecorad.model.site_helium import HeliumCapture
    from ecorad.model.site_medication import MedicationSource
    from ecorad.model.site_power import PowerEntry, ReadyEntry, TariffEntry
    from ecorad.model.site_wastewater import Wastewater

    page = (ROOT / "docs" / "reference" / "site-toml.md").read_text("utf-8")
    kinds = (
        Site,
        DeviceEntry,
        MeterEntry,
        LedgerMapping,
        Listen,
        DicomListener,
        HttpReceiver,
        MllpListener,
        MqttSource,
    )
    kinds += (ChangeEntry, FactorChoices, MedicationSource, PowerEntry, ReadyEntry, TariffEntry, Wastewater)
    kinds += (HeliumCapture,)
    names = {field.name for kind in kinds for field in fields(kind)} - {
        "listen",
        "dicom",
        "mllp",
        "mqtt",
        "http",
        "factors",
    }
    names -= {"power", "ready", "tariffs", "bills", "changes", "medication", "wastewater", "helium"}
    # Words of Python: in the file they are called from, to and without.
    names = (names - {"first", "last", "left_out"}) | {"from", "to", "without"}
    missing = [name for name in sorted(names - {"devices", "meters", "ledgers"}) if f"\n{name} = " not in page]
    assert not missing
