"""Questions to an archive over HTTP: one address, no redirects, capped answers, and every byte counted."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ecorad.model import MissingExtraError, SiteError, StoreError
from ecorad.model.pacs import PacsEntry

from .pace import Pace

if TYPE_CHECKING:
    import httpx

MAX_ANSWER_BYTES = 256 << 20
_TRIES = 3
_AGAIN = frozenset({429, 500, 502, 503, 504})
_CHUNK = 1 << 16


class Gone(Exception):  # noqa: N818 (archives delete; that is no error of ours)
    """What was asked for is no longer there."""


class Broken(Exception):  # noqa: N818 (one answer is missing; the archive is there)
    """The archive fails on this one question, however often it is asked."""


class Web:
    """One archive over HTTP.

    Parameters
    ----------
    entry : PacsEntry
        Its address; only what lies below it is asked for.
    pace : Pace
        When and how often.
    transport : httpx transport, optional
        In place of the network, for tests.

    Raises
    ------
    MissingExtraError
        Without the extra ``pacs``.
    SiteError
        If the variable that ``authorization_env`` names is not set.
    """

    def __init__(self, entry: PacsEntry, pace: Pace, transport: Any = None) -> None:
        try:
            import httpx
        except ImportError:
            raise MissingExtraError("asking an archive needs more: pip install 'ecorad[pacs]'") from None
        headers = {"User-Agent": "ecorad"}
        if entry.authorization_env is not None:
            secret = os.environ.get(entry.authorization_env)
            if not secret:
                raise SiteError(f"{entry.name}: the variable {entry.authorization_env} is not set")
            headers["Authorization"] = secret
        verify: Any = True
        if entry.ca_file is not None:
            import ssl

            verify = ssl.create_default_context(cafile=entry.ca_file)
        self._base, self._pace, self._httpx = entry.url, pace, httpx
        # No proxy or netrc from the environment: what is configured is what is asked.
        self._client = httpx.Client(
            headers=headers,
            timeout=entry.timeout_s,
            verify=verify,
            follow_redirects=False,
            trust_env=False,
            transport=transport,
        )
        self.bytes_received = 0

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()

    def json(self, path: str, parameters: Mapping[str, str] | None = None, *, accept: str = "application/json") -> Any:
        """The parsed answer to a GET; ``None`` for "nothing found" (204).

        Raises
        ------
        Gone
            For 404 and 410.
        Broken
            For 500, after several tries.
        StoreError
            ``ecorad.pull.no_answer`` when it does not answer, or not with JSON.
        """

        def read(response: httpx.Response) -> Any:
            content = b"".join(self._chunks(response, MAX_ANSWER_BYTES))
            try:
                return json.loads(content) if content.strip() else None
            except (ValueError, RecursionError):
                raise StoreError(
                    "the archive answers with something that is no JSON", code="ecorad.pull.no_answer"
                ) from None

        return self._asked(path, parameters, accept, read)

    @contextmanager
    def stream(self, path: str, *, accept: str = "*/*") -> Iterator[tuple[Iterator[bytes], int | None]]:
        """The bytes of an answer as they come, and how many there will be; what is not read is not sent.

        Raises
        ------
        Gone, Broken, StoreError
            As :meth:`json`.
        """
        self._pace.wait()
        try:
            with self._client.stream("GET", self._base + path, headers={"Accept": accept}) as response:
                self._check(response)
                length = response.headers.get("Content-Length", "")
                plain = "Content-Encoding" not in response.headers
                yield self._chunks(response, None), int(length) if plain and length.isdecimal() else None
        except self._httpx.HTTPError:
            raise _no_answer() from None

    def _asked(
        self,
        path: str,
        parameters: Mapping[str, str] | None,
        accept: str,
        read: Callable[[httpx.Response], Any],
    ) -> Any:
        for attempt in range(1, _TRIES + 1):
            self._pace.wait()
            try:
                with self._client.stream(
                    "GET", self._base + path, params=parameters, headers={"Accept": accept}
                ) as response:
                    if response.status_code in _AGAIN and attempt < _TRIES:
                        continue
                    self._check(response)
                    return read(response)
            except self._httpx.TransportError:
                if attempt == _TRIES:
                    raise _no_answer() from None
        raise _no_answer()

    def _check(self, response: httpx.Response) -> None:
        if response.status_code in {404, 410}:
            raise Gone
        if response.status_code == 500:
            raise Broken
        if response.status_code not in {200, 204, 206}:
            raise StoreError(f"the archive answers with status {response.status_code}", code="ecorad.pull.refused")

    def _chunks(self, response: httpx.Response, most: int | None) -> Iterator[bytes]:
        """What comes, counted as it comes over the wire; unpacked it may not pass ``most``."""
        total, counted = 0, 0
        for chunk in response.iter_bytes(_CHUNK):
            self.bytes_received += response.num_bytes_downloaded - counted
            counted = response.num_bytes_downloaded
            total += len(chunk)
            if most is not None and total > most:
                raise StoreError("the archive's answer is larger than any should be", code="ecorad.pull.too_large")
            yield chunk


def _no_answer() -> StoreError:
    return StoreError("the archive does not answer", code="ecorad.pull.no_answer")
