"""The archives, stores and folders that ``ecorad pull`` asks: the ``[[pacs]]`` tables of ``site.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any, Literal

from .errors import SiteError

PacsKind = Literal["dicomweb", "orthanc", "dimse", "objects", "folder"]
_KINDS = ("dicomweb", "orthanc", "dimse", "objects", "folder")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_HTTP = re.compile(r"https?://[^\s/@?#]+(?:/[^\s?#]*)?")
_COMMON = {"name", "kind", "since", "windows", "per_second", "again_days", "modalities", "everything"}
_WEB = {"url", "authorization_env", "ca_file", "timeout_s"}
_OBJECTS = {"url", "timeout_s"}
_FOLDER = {"path", "settle_s"}
_KEYS = {"dicomweb": _WEB, "orthanc": _WEB, "objects": _OBJECTS, "folder": _FOLDER}
_STORE = re.compile(r"[a-z][a-z0-9+.-]{0,20}://[^?#]*")
_DIMSE = {"host", "port", "called", "calling", "timeout_s", "dose_reports"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PacsEntry:
    """One ``[[pacs]]``.

    Parameters
    ----------
    name : str
        Short, lower case; the feed its records come in as.
    kind : {"dicomweb", "orthanc", "dimse", "objects", "folder"}
        How it is asked: QIDO-RS and metadata, Orthanc's list of changes, C-FIND; object storage and watched folders
        are asked in the same way.
    url, authorization_env, ca_file : str, optional
        Base address; name of the environment variable that holds the ``Authorization`` header; certificates to trust.
    host, port, called, calling : str, int, str, str
        Address and AE titles of a DIMSE archive.
    path, settle_s : str, float
        A watched folder, and for how long a file must not have changed. [s]
    dose_reports : bool
        Whether radiation dose reports are fetched whole (C-GET).
    since : date, optional
        First local study date to ask for; today unless said.
    everything : bool
        Whether all studies are listed at each pull, undated ones too, in place of day after day.
    windows : tuple of (time, time)
        Local times of day in which the archive may be asked; a window may pass midnight. Always when empty.
    per_second : float
        Most requests a second. [1/s]
    again_days : int
        How many last days are asked again, for studies that arrive late. [d]
    modalities : tuple of str
        Only these; all when empty.
    timeout_s : float
        How long an answer may take. [s]
    """

    name: str
    kind: PacsKind
    url: str = ""
    authorization_env: str | None = None
    ca_file: str | None = None
    host: str = ""
    port: int = 104
    called: str = ""
    calling: str = "ECORAD"
    path: str = ""
    settle_s: float = 30.0
    dose_reports: bool = True
    since: date | None = None
    everything: bool = False
    windows: tuple[tuple[time, time], ...] = ()
    per_second: float = 5.0
    again_days: int = 2
    modalities: tuple[str, ...] = ()
    timeout_s: float = 60.0


def load_pacs(path: Path) -> tuple[PacsEntry, ...]:
    """The archives of a ``site.toml``.

    Raises
    ------
    SiteError
        Names the first key that cannot be used.
    """
    try:
        content = tomllib.loads(path.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SiteError(f"{path.name} is not TOML: {error}") from None
    return parse_pacs(content.get("pacs", []))


def parse_pacs(rows: Any) -> tuple[PacsEntry, ...]:
    """The entries out of the parsed ``[[pacs]]`` tables.

    >>> parse_pacs([{"name": "archive", "kind": "orthanc", "url": "http://127.0.0.1:8042"}])[0].per_second
    5.0
    """
    if not isinstance(rows, list):
        raise SiteError("write [[pacs]], with two brackets: there may be several")
    entries = tuple(_entry(row, f"[[pacs]] {number}") for number, row in enumerate(rows, 1))
    names = [entry.name for entry in entries]
    if len(set(names)) < len(names):
        raise SiteError("[[pacs]]: two have the same name")
    return entries


def _entry(row: Mapping[str, Any], place: str) -> PacsEntry:
    kind = row.get("kind")
    if kind not in _KINDS:
        raise SiteError(f"{place}: kind must be one of {', '.join(_KINDS)}")
    known = _COMMON | _KEYS.get(kind, _DIMSE)
    unknown = sorted(set(row) - known)
    if unknown:
        raise SiteError(f"{place}: {unknown[0]!r} is not a key of {kind}; there are {', '.join(sorted(known))}")
    name = row.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise SiteError(f"{place}: name must be a short word in lower case")
    since = row.get("since")
    if since is not None and (not isinstance(since, date) or hasattr(since, "hour")):
        raise SiteError(f"{place}: since must be a day like 2026-03-01")
    again = row.get("again_days", 2)
    if isinstance(again, bool) or not isinstance(again, int) or not 0 <= again <= 60:
        raise SiteError(f"{place}: again_days must be a whole number from 0 to 60")
    return PacsEntry(
        name=name,
        kind=kind,
        since=since,
        everything=bool(row.get("everything", False)),
        windows=_windows(row.get("windows", []), place),
        per_second=_number(row, "per_second", 5.0, place),
        again_days=again,
        modalities=_titles(row.get("modalities", []), place),
        timeout_s=_number(row, "timeout_s", 60.0, place),
        **_ADDRESS[kind](row, place),
    )


def _web(row: Mapping[str, Any], place: str) -> dict[str, Any]:
    url = row.get("url")
    if not isinstance(url, str) or not _HTTP.fullmatch(url):
        raise SiteError(f"{place}: url must be like https://pacs.example/dicom-web, without user or question mark")
    found = {key: row[key] for key in ("authorization_env", "ca_file") if key in row}
    if not all(isinstance(value, str) and value for value in found.values()):
        raise SiteError(f"{place}: authorization_env and ca_file must be texts")
    return {"url": url.rstrip("/"), **found}


def _dimse(row: Mapping[str, Any], place: str) -> dict[str, Any]:
    titles = {"called": row.get("called"), "calling": row.get("calling", "ECORAD")}
    for title in titles.values():
        if not isinstance(title, str) or not 1 <= len(title) <= 16 or not title.isascii():
            raise SiteError(f"{place}: called and calling must be AE titles of 1 to 16 letters")
    host, port = row.get("host"), row.get("port", 104)
    if not isinstance(host, str) or not host:
        raise SiteError(f"{place}: host must be a text")
    if isinstance(port, bool) or not isinstance(port, int) or not 1 <= port <= 65535:
        raise SiteError(f"{place}: port must be a whole number from 1 to 65535")
    return {**titles, "host": host, "port": port, "dose_reports": bool(row.get("dose_reports", True))}


def _objects(row: Mapping[str, Any], place: str) -> dict[str, Any]:
    url = row.get("url")
    if not isinstance(url, str) or not _STORE.fullmatch(url) or "@" in url:
        raise SiteError(f"{place}: url must be like s3://bucket/folder, without user or question mark")
    return {"url": url.rstrip("/")}


def _folder(row: Mapping[str, Any], place: str) -> dict[str, Any]:
    path = row.get("path")
    if not isinstance(path, str) or not Path(path).is_absolute():
        raise SiteError(f"{place}: path must be a whole path, like /mnt/export")
    return {"path": path, "settle_s": _number(row, "settle_s", 30.0, place)}


_ADDRESS = {"dicomweb": _web, "orthanc": _web, "dimse": _dimse, "objects": _objects, "folder": _folder}


def _windows(value: Any, place: str) -> tuple[tuple[time, time], ...]:
    try:
        pairs = [span.split("-") for span in value]
        return tuple((time.fromisoformat(start.strip()), time.fromisoformat(end.strip())) for start, end in pairs)
    except (AttributeError, ValueError, TypeError):
        raise SiteError(f'{place}: windows must look like ["20:00-06:00"]') from None


def _titles(value: Any, place: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(
        isinstance(one, str) and re.fullmatch("[A-Z0-9]{2,16}", one) for one in value
    ):
        raise SiteError(f'{place}: modalities must look like ["CT", "MR", "SR"]')
    return tuple(value)


def _number(row: Mapping[str, Any], key: str, default: float, place: str) -> float:
    value = row.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 10_000:
        raise SiteError(f"{place}: {key} must be a number above 0")
    return float(value)
