"""``python -m prove [part ...] [--scale X] [--seed N] [-o FILE]``: all proofs, and the report of what they gave."""

from __future__ import annotations

import argparse
import importlib
import platform
import sys
import time
from dataclasses import replace
from pathlib import Path

from .figure import Figure

PARTS = (
    "kills",
    "power_cut",
    "disk_faults",
    "damage",
    "recovery",
    "headers",
    "mutations",
    "bombs",
    "replay",
    "canaries",
    "attacks",
    "soak",
    "fuzz",
    "rows",
    "energy_balance",
    "units",
)
REPORT = Path(__file__).parents[1] / "docs" / "reference" / "fault-report.md"
_HEAD = """\
# Fault report

Written by `make prove`, which makes every figure anew from its seed. The sheet's lines are those of the
[hard intake](../explanation/hard-intake.md).

| line | what was tried | found | should be | holds | seed | seconds |
|---|---|---|---|---|---|---|
"""


def main(arguments: list[str]) -> int:
    """Run the parts, print each figure as it comes, write the report; 1 if any does not hold."""
    chosen = _chosen(arguments)
    figures: list[Figure] = []
    for name in chosen.parts or PARTS:
        started = time.monotonic()
        for figure in importlib.import_module(f"prove.{name}").measure(chosen.scale, chosen.seed):
            figures.append(replace(figure, seconds=time.monotonic() - started))
            sys.stdout.write(_row(figures[-1]) + "\n")
            sys.stdout.flush()
        # After each part: whoever stops it has what was found until then.
        chosen.report.write_text(_HEAD + "\n".join(map(_row, figures)) + "\n" + _foot(chosen.scale), "utf-8")
    return int(not all(figure.holds for figure in figures))


def _chosen(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m prove")
    parser.add_argument("parts", nargs="*", type=_part, metavar="part", help=", ".join(PARTS))
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full numbers")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-o", type=Path, default=REPORT, dest="report")
    return parser.parse_args(arguments)


def _part(name: str) -> str:
    if name not in PARTS:
        raise argparse.ArgumentTypeError(f"no part {name!r}; there are {', '.join(PARTS)}")
    return name


def _row(figure: Figure) -> str:
    holds = "yes" if figure.holds else "**no**"
    cells = (figure.sheet, figure.what, figure.found, figure.target, holds, figure.seed, f"{figure.seconds:.0f}")
    return f"| {' | '.join(cell.replace('|', ' ') for cell in cells)} |"


def _foot(scale: float) -> str:
    share = "" if scale == 1.0 else f" At {scale:g} of the full numbers."
    return f"\nPython {platform.python_version()}, {platform.system()}.{share}\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
