"""Write the reference pages that the code itself knows: the command line and the data dictionary.

Run ``python tools/write_reference.py`` after changing a command or a table; a test holds pages and code together.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from ecorad.cli.app import app
from ecorad.model import tables

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "reference"

_CLI_HEAD = """\
# Command line

Written from the program by `tools/write_reference.py`.

Results go to stdout, progress and notes to stderr. `--json` prints one JSON object to stdout and nothing else; an error
is then `{"error": {"code", "message"}}`. Every error has a stable code: see [issues](issues/).

| exit status | means |
|---|---|
| 0 | done |
| 1 | done; some inputs could not be read and were set aside |
| 2 | wrong use: the command, the folder or `site.toml` needs a change |
| 3 | could not: disk, rights, another process, an interruption |
"""

_TABLES_HEAD = """\
# Tables

Written from `src/ecorad/model/tables/` by `tools/write_reference.py`; `ecorad tables` prints the same. Times are UTC
with microseconds. An empty cell is unknown, never zero. *stored* tables are kept as received, *views* are folded from
them, *results* are made by `ecorad audit`.
"""


def commands() -> Iterator[tuple[str, Any]]:
    """Every command with its full name, in the order of ``--help``."""
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        if getattr(command, "commands", None):
            yield from ((f"{name} {inner}", one) for inner, one in command.commands.items())
        else:
            yield name, command


def cli_page() -> str:
    """``reference/cli.md``."""
    return "\n".join([_CLI_HEAD, *("\n".join(_command(name, command)) for name, command in commands())])


def _command(name: str, command: Any) -> Iterator[str]:
    parameters = [p for p in command.params if p.name != "help" and not getattr(p, "hidden", False)]
    arguments = [p for p in parameters if p.param_type_name == "argument"]
    yield f"## ecorad {name}\n"
    yield " ".join(("`ecorad", name, *(_argument(p) for p in arguments), "[OPTIONS]`")) + "\n"
    yield (command.help or "").strip() + "\n"
    yield "| | |"
    yield "|---|---|"
    for parameter in parameters:
        yield f"| {_spelling(parameter)} | {_cell(parameter.help or '')} |"
    yield ""


def _argument(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name.upper())


def _spelling(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{_argument(parameter)}`"
    value = f" {parameter.metavar}" if parameter.metavar else ("" if parameter.is_flag else " TEXT")
    return ", ".join(f"`{_cell(option + value)}`" for option in parameter.opts)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def tables_page() -> str:
    """``reference/tables.md``."""
    lines = [_TABLES_HEAD]
    for spec in tables().values():
        lines += [f"## {spec.name}\n", f"*{spec.kind}*: {spec.meaning}.\n"]
        lines += ["| column | type | unit | may be empty | meaning | source |", "|---|---|---|---|---|---|"]
        for c in spec.columns:
            cells = (f"`{c.name}`", c.type, c.unit, "yes" if c.nullable else "", _cell(c.meaning), _cell(c.source))
            lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    return "\n".join(lines)


PAGES = {"cli.md": cli_page, "tables.md": tables_page}

if __name__ == "__main__":
    for page, write in PAGES.items():
        (REFERENCE / page).write_text(write(), "utf-8")
        print(f"{(REFERENCE / page).relative_to(ROOT)} written")
