"""Which mode each device should be in, hour by hour: problem, exact solution, comparison, roster, check."""

from .break_even import break_even_min, transition_kwh
from .plan import PowerPlan, plan_power
from .problem import AWAKE, MODES, PowerDevice, PowerProblem, ReadyRule, Transition

__all__ = [
    "AWAKE",
    "MODES",
    "PowerDevice",
    "PowerPlan",
    "PowerProblem",
    "ReadyRule",
    "Transition",
    "break_even_min",
    "plan_power",
    "transition_kwh",
]
