"""Which contrast packs to open for a list of injections: problem, patterns, solution, check."""

from .plan import PackPlan, plan_packs
from .problem import Injection, Pack, PackProblem, parse_injections, parse_packs

__all__ = ["Injection", "Pack", "PackPlan", "PackProblem", "parse_injections", "parse_packs", "plan_packs"]
