"""Waiting for one of several scanners: Erlang's delay formula, corrected for how regular arrivals and lengths are."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from ecorad.model import InputError

MOST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Patients of one modality in its open hours.

    Parameters
    ----------
    arrivals_per_h : float
        Mean. [1/h]
    arrivals_scv : float
        Squared coefficient of variation of the times between arrivals: 1 when they come by chance, 0 by the clock.
    service_h : float
        Mean time that one patient keeps a scanner: exam and change-over. [h]
    service_scv : float
        Squared coefficient of variation of it.

    Raises
    ------
    InputError
        For a number that is negative, not finite, or a length of 0.
    """

    arrivals_per_h: float
    arrivals_scv: float
    service_h: float
    service_scv: float

    def __post_init__(self) -> None:
        numbers = (self.arrivals_per_h, self.arrivals_scv, self.service_h, self.service_scv)
        if not all(math.isfinite(one) and one >= 0 for one in numbers) or self.service_h == 0:
            raise InputError("a demand takes finite numbers from 0 up", code="ecorad.capacity.demand")

    @property
    def offered(self) -> float:
        """Scanners that would be busy all the time: arrivals times length."""
        return self.arrivals_per_h * self.service_h

    def shorter(self, share: float, changeover_h: float) -> Demand:
        """The same patients with exams shorter by a share; the change-over stays.

        >>> day = Demand(arrivals_per_h=2, arrivals_scv=1, service_h=0.5, service_scv=0.25)
        >>> day.shorter(0.5, changeover_h=0.1).service_h
        0.3
        """
        exam_h = max(self.service_h - changeover_h, 0.0)
        shorter_h = self.service_h - share * exam_h
        # Lengths shrink in proportion, so their variance does by the square.
        scv = self.service_scv * ((1.0 - share) * self.service_h / shorter_h) ** 2
        return replace(self, service_h=shorter_h, service_scv=scv)


def waits_share(demand: Demand, scanners: int) -> float:
    r"""Share of patients who wait at all, by Erlang's C formula; 1 when scanners are too few.

    :math:`C(c,a)=\frac{B}{1-\rho(1-B)}` with Erlang's B by its recursion
    :math:`B_n=\frac{aB_{n-1}}{n+aB_{n-1}}` (Erlang 1917).

    Examples
    --------
    One scanner: the share is its use. Two at an offered load of 1: one third.

    >>> demand = Demand(arrivals_per_h=1, arrivals_scv=1, service_h=1, service_scv=1)
    >>> round(waits_share(demand, 2), 6)
    0.333333
    """
    load = demand.offered
    if load >= scanners:
        return 1.0
    blocked = 1.0
    for n in range(1, scanners + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked / (1.0 - load / scanners * (1.0 - blocked))


def mean_wait_h(demand: Demand, scanners: int) -> float:
    r"""Mean wait over all patients: the Allen-Cunneen approximation. [h]

    :math:`W_q \approx \frac{C(c,a)\,s}{c(1-\rho)}\cdot\frac{c_a^2+c_s^2}{2}` (Allen 1990, Probability, Statistics and
    Queueing Theory, 2nd ed., Academic Press). Exact for M/M/c, and for one scanner with arrivals by chance
    (Pollaczek-Khinchine). Infinite when scanners are too few.

    Examples
    --------
    >>> demand = Demand(arrivals_per_h=1, arrivals_scv=1, service_h=0.5, service_scv=1)
    >>> mean_wait_h(demand, 1)
    0.5
    """
    if demand.offered >= scanners:
        return math.inf
    spread = (demand.arrivals_scv + demand.service_scv) / 2.0
    return waits_share(demand, scanners) * demand.service_h / (scanners - demand.offered) * spread


def smallest(demand: Demand, target_h: float) -> int | None:
    """Fewest scanners whose mean wait is at most ``target_h``; ``None`` when 60 are not enough.

    >>> smallest(Demand(arrivals_per_h=4, arrivals_scv=1, service_h=0.5, service_scv=0.5), target_h=0.25)
    3
    """
    found = (n for n in range(1, MOST + 1) if mean_wait_h(demand, n) <= target_h)
    return next(found, None)
