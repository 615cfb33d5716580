"""Damaged files: bits flipped, blocks zeroed, ends cut off; all else is read, the damage named, the tables made anew."""

from __future__ import annotations

import contextlib
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from . import kills
from .figure import Figure
from .side_by_side import shared

FULL, FULL_TABLES = 10_000, 200
_RECORDS = 40
_OBJECTS = 24
_NAMED = "named"
# To make the tables anew takes longer than to see that they are damaged.
_ANEW_EVERY = 8


def measure(scale: float, seed: int) -> list[Figure]:
    """The receive journal at very many places; the tables at some, each made anew from their sources."""
    found: Counter[str] = Counter()
    for part in shared(journals, max(160, int(FULL * scale)), seed):
        found.update(part)
    some = tables(max(3, int(FULL_TABLES * scale)), seed)
    return [
        Figure(
            "S3",
            "receive journals damaged at one place (bit, zeroed block, cut end), opened and gone on with",
            f"{found['lost']} sound records lost, {found['silent']} losses without a name, {found['forged']} forged, "
            f"{found['stuck']} that take no more, in {found['places']:,} places ({found['named']:,} named)",
            "0 in 10,000",
            not (found["lost"] or found["silent"] or found["forged"] or found["stuck"]),
            str(seed),
        ),
        Figure(
            "S3",
            "tables damaged at one place and read; some of them made anew from their sources",
            f"{some['named']} of {some['places']} named, {some['same']} read the same, {some['silent']} other without a "
            f"word; {some['anew']} of {some['tried']} made anew",
            "none without a word, all anew",
            some["anew"] == some["tried"] and not some["silent"],
            str(seed),
        ),
    ]


def hurt(content: bytes, chance: random.Random) -> bytes:
    """The bytes with one place damaged; never the same bytes."""
    place = chance.randrange(len(content))
    kind = chance.randrange(3)
    if kind == 0:
        found = bytearray(content)
        found[place] ^= 1 << chance.randrange(8)
        return bytes(found)
    if kind == 1:
        end = min(len(content), place + chance.choice((1, 64, 512, 4096)))
        if any(content[place:end]):
            return content[:place] + bytes(end - place) + content[end:]
    return content[:place]


def journals(count: int, seed: int) -> Counter[str]:
    """One journal, damaged ``count`` times."""
    from ecorad.ledger.spool import Entry, Spool, read_stream, segments

    chance, found = random.Random(seed), Counter[str]()
    with tempfile.TemporaryDirectory(prefix="ecorad-damage-") as name:
        folder = Path(name)
        spool = Spool(folder)
        for n in range(_RECORDS):
            spool.append(b"%04d" % n * chance.randrange(1, 300), {"n": n}).result(10)
        spool.close()
        [segment] = segments(folder)
        sound = segment.path.read_bytes()
        whole = [one for one in read_stream(folder) if isinstance(one, Entry)]
        for _ in range(count):
            content = hurt(sound, chance)
            segment.path.write_bytes(content)
            found.update(_journal(folder, whole, sound, content))
            if chance.random() < 0.02:
                spool = Spool(folder)
                spool.append(b"9999", {"n": 9999}).result(10)
                spool.close()
                found["stuck"] += 9999 not in {one.notes["n"] for one in read_stream(folder) if isinstance(one, Entry)}
                for one in segments(folder)[1:]:
                    one.path.unlink()
    return found


def _journal(folder: Path, whole: list, sound: bytes, content: bytes) -> Iterator[str]:  # type: ignore[type-arg]
    """What is wrong with one damaged journal: a record whose bytes are as they were must be read."""
    from ecorad.ledger.spool import Damage, Entry, read_stream

    read = list(read_stream(folder))
    there = {one.notes["n"]: one.payload for one in read if isinstance(one, Entry)}
    is_named = any(isinstance(one, Damage) for one in read)
    starts = [0, *(one.end for one in whole)]
    yield "places"
    if is_named:
        yield "named"
    for one, start in zip(whole, starts, strict=False):
        number = one.notes["n"]
        if number in there:
            if there[number] != one.payload:
                yield "forged"
        elif number and content[start : one.end] == sound[start : one.end]:
            yield "lost"
        elif not is_named and start < len(content):
            yield "silent"  # a file that ends between two records looks whole; each end is written before its answer


def tables(count: int, seed: int) -> Counter[str]:
    """One site, one of its table files damaged ``count`` times."""
    from ecorad.intake import pipeline, register  # noqa: F401 (imported once, before the children)
    from ecorad.service import rebuild  # noqa: F401

    chance, found = random.Random(seed), Counter[str]()
    with tempfile.TemporaryDirectory(prefix="ecorad-damage-") as name:
        folder = Path(name)
        kills._sources(folder / "in", _OBJECTS)
        kills._undisturbed(folder / "calm", folder / "in")
        expected = _told(folder / "calm", folder)
        files = sorted(p.relative_to(folder / "calm") for p in (folder / "calm/ledger").rglob("*") if _is_table(p))
        for number in range(count):
            shutil.copytree(folder / "calm", folder / "site")
            path = folder / "site" / chance.choice(files)
            path.write_bytes(hurt(path.read_bytes(), chance))
            found["places"] += 1
            told = _told(folder / "site", folder)
            found["named" if told == _NAMED else "same" if told == expected else "silent"] += 1
            if number % _ANEW_EVERY == 0:
                with contextlib.suppress(RuntimeError):
                    kills._in_child(lambda: _rebuilt(folder))
                found["tried"] += 1
                found["anew"] += _told(folder / "site", folder) == expected
            shutil.rmtree(folder / "site")
    return found


def _is_table(path: Path) -> bool:
    return path.is_file() and path.suffix in {".parquet", ".json"}


def _rebuilt(folder: Path) -> None:
    from ecorad.ledger import Workspace
    from ecorad.service.rebuild import rebuild

    rebuild(Workspace.open(folder / "site"), [folder / "in"])


def _told(site: Path, folder: Path) -> str:
    """All rows of objects and receipts as text, but for when they came; one word if that was refused with a name."""
    answer = folder / "rows.txt"

    def ask() -> None:
        from ecorad.ledger import Ledger, Workspace
        from ecorad.model import EcoradError

        answer.write_text(_NAMED, "utf-8")
        with contextlib.suppress(EcoradError), Ledger.read(Workspace.open(site)) as ledger:
            objects = ledger.rows("SELECT CAST(COLUMNS(* EXCLUDE (received_at)) AS VARCHAR) FROM instance")
            receipts = ledger.rows("SELECT outcome, source_digest, bytes FROM receipt")
            answer.write_text("\n".join(sorted(map(str, (*objects, *receipts)))), "utf-8")

    answer.unlink(missing_ok=True)
    with contextlib.suppress(RuntimeError):
        kills._in_child(ask)
        return answer.read_text("utf-8")
    return "an error without a name"
