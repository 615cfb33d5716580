"""Which contrast packs to open for a list of injections: problem, patterns, solution, check."""

from .plan import PackPlan, plan_packs
from .problem import Injection, Pack, PackProblem, parse_injections, parse_packs
from .reality import OpenedLine, Reality, reality_of
from .rounding import Rounded, round_down

__all__ = [
    "Injection",
    "OpenedLine",
    "Pack",
    "PackPlan",
    "PackProblem",
    "Reality",
    "Rounded",
    "parse_injections",
    "parse_packs",
    "plan_packs",
    "reality_of",
    "round_down",
]
