"""Who may stand at a listener: caps for each address and for all, before a single byte is believed."""

from __future__ import annotations

import ipaddress
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Gate:
    """Counts visitors of one listener.

    Those who have not yet said what they want cost nobody else a place: when there are too many, the oldest of them
    go. Those who have are counted against ``max_total`` and ``max_per_address``.
    """

    max_total: int
    max_per_address: int
    max_silent: int = 512
    max_silent_per_address: int = 64
    inside: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    _silent: OrderedDict[int, tuple[str, Callable[[], None]]] = field(default_factory=OrderedDict)
    _next: int = 0

    @property
    def silent(self) -> int:
        """How many stand there and have said nothing yet."""
        return len(self._silent)

    def arrive(self, address: str, close: Callable[[], None]) -> int:
        """A new visitor; ``close`` shows him out. Gives the ticket for :meth:`speak` and :meth:`leave`."""
        self._next += 1
        self._silent[self._next] = (address, close)
        mine = [ticket for ticket, (other, _) in self._silent.items() if other == address]
        if len(mine) > self.max_silent_per_address:
            self._show_out(mine[0])
        elif len(self._silent) > self.max_silent:
            self._show_out(next(iter(self._silent)))
        return self._next

    def speak(self, ticket: int, address: str) -> bool:
        """The visitor has said what he wants; whether there is a place for him."""
        if self._silent.pop(ticket, None) is None:
            return False
        if self.inside[address] >= self.max_per_address or self.inside.total() >= self.max_total:
            self.refused["full"] += 1
            return False
        self.inside[address] += 1
        return True

    def leave(self, ticket: int, address: str, *, was_inside: bool) -> None:
        """The visitor is gone."""
        self._silent.pop(ticket, None)
        if was_inside:
            self.inside[address] -= 1
            if self.inside[address] <= 0:
                del self.inside[address]

    def _show_out(self, ticket: int) -> None:
        _, close = self._silent.pop(ticket)
        self.refused["silent"] += 1
        close()


def is_loopback(host: str) -> bool:
    """Whether a host is this machine alone.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
