"""``python -m prove.fuzz_one TARGET FOLDER SECONDS SEED``: one target under a fuzzer that sees which branches ran.

The corpus grows in FOLDER/corpus, inputs that make something escape lie in FOLDER/found. Written on standard error in
the fuzzer's own words; status 0 when nothing escaped.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

_MOST_BYTES = 1 << 16
_ONE_S = 10
_MEMORY_MB = 2048


def main(name: str, folder: Path, seconds: str, seed: str) -> None:
    import atheris

    with atheris.instrument_imports(
        include=["ecorad.intake", "ecorad.service", "pydicom"], enable_loader_override=False
    ):
        from .fuzz_targets import TARGETS

        target = TARGETS[name]
        seeds = target.seeds()
        for content in seeds:
            target.read(content)  # what is imported only when needed is instrumented as well
    logging.disable(logging.CRITICAL)
    for place, content in (("seeds", seeds), ("corpus", []), ("found", [])):
        (folder / place).mkdir(parents=True, exist_ok=True)
        for number, one in enumerate(content):
            (folder / place / str(number)).write_bytes(one)
    options = {
        "max_total_time": seconds,
        "seed": seed,
        "max_len": _MOST_BYTES,
        "timeout": _ONE_S,
        "rss_limit_mb": _MEMORY_MB,
        "artifact_prefix": f"{folder / 'found'}/",
        "print_final_stats": 1,
    }
    arguments = [f"-{option}={value}" for option, value in options.items()]
    atheris.Setup([sys.argv[0], str(folder / "corpus"), str(folder / "seeds"), *arguments], target.read)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4])
