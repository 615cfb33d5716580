"""Object storage (S3, GCS, Azure and what else fsspec speaks): each object's first bytes, and more where needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ecorad.intake.identity import Pseudonymiser
from ecorad.intake.sources import Input, inputs_of
from ecorad.model import MissingExtraError, StoreError
from ecorad.model.pacs import PacsEntry

from .pace import Pace
from .told import Batch
from .until_pixels import spooled

_TOGETHER = 200
_CHUNK = 1 << 16
# What tells that a key means another content, by whatever name a store has it.
_MARKS = ("ETag", "etag", "md5Hash", "content_md5", "LastModified", "last_modified", "updated", "mtime", "created")


class Stored:
    """One bucket or container below an address.

    Parameters
    ----------
    entry : PacsEntry
        Its address; credentials are those of the store's own environment.
    pace : Pace
        When and how often.
    spool : Path
        Folder for what is on its way.

    Raises
    ------
    MissingExtraError
        Without the extra ``cloud``, or the store's own package beside it.
    """

    def __init__(self, entry: PacsEntry, pace: Pace, spool: Path) -> None:
        try:
            from fsspec.core import url_to_fs

            self._files, self._root = url_to_fs(entry.url)
        except ImportError:
            raise MissingExtraError(
                "object storage needs more: pip install 'ecorad[cloud]' and the store's own package, like s3fs"
            ) from None
        self._entry, self._pace, self._spool = entry, pace, spool
        self.bytes_received = 0

    def close(self) -> None:
        """Nothing is kept open."""

    def batches(self, state: Mapping[str, Any], pseudonymiser: Pseudonymiser) -> Iterator[Batch]:
        """New and changed objects, in the order of their keys."""
        marks: dict[str, str] = dict(state.get("marks", {}))
        batch = Batch([], {})
        for place, told in self._listed():
            key = pseudonymiser.key("path", place) if not pseudonymiser.retain else place
            mark = "/".join(str(told[name]) for name in ("size", *_MARKS) if name in told)
            if marks.get(key) == mark:
                continue
            batch.inputs.extend(self._inputs(place, len(batch.inputs)))
            marks[key] = mark
            if len(batch.inputs) >= _TOGETHER:
                batch.state = {"marks": dict(marks)}
                yield batch
                batch = Batch([], {})
        batch.state = {"marks": marks}
        yield batch

    def _listed(self) -> list[tuple[str, Mapping[str, Any]]]:
        self._pace.wait()
        found: dict[str, Any] = _answered(lambda: self._files.find(self._root, detail=True))
        return sorted((place, told) for place, told in found.items() if told.get("type", "file") == "file")

    def _inputs(self, place: str, number: int) -> Iterator[Input]:
        self._pace.wait()
        # Named by number: a key may hold a name, and would be a path here.
        path = self._spool / f"{number}{_extension(place)}"
        _answered(lambda: self._fetch(place, path))
        yield from inputs_of(path)

    def _fetch(self, place: str, path: Path) -> None:
        with self._files.open(place, "rb", block_size=_CHUNK, cache_type="readahead") as file:
            size = int(file.size)

            def chunks() -> Iterator[bytes]:
                while data := file.read(_CHUNK):
                    self.bytes_received += len(data)
                    yield data

            spooled(chunks(), size, path)


def _extension(place: str) -> str:
    tail = place.rpartition("/")[2].rpartition(".")[2].lower()
    return f".{tail}" if tail in {"dcm", "csv", "txt", "xlsx", "json", "zip", "gz", "tar"} else ""


def _answered(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except OSError:
        raise StoreError("the store does not answer", code="ecorad.pull.no_answer") from None
