"""What the name of a contrast agent says, for every standard that has one: the reader of names is handed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

# Milligrams in a millimole of gadolinium. [mg/mmol]
GD_MG_PER_MMOL = 157.25
# The strengths that agents are sold in: beyond them a number is that of the salt. [mg/mL]
STRENGTHS_MG_ML = {"iodine": (100.0, 500.0), "gadolinium": (30.0, 160.0)}
# No more is given at once; a barium meal comes near. [mL]
MAX_ML = 3000.0


class AgentWords(Protocol):
    """What the name of a product says."""

    @property
    def agent(self) -> str | None:
        """Product or substance."""

    @property
    def kind(self) -> str | None:
        """Iodine, gadolinium and so on."""

    @property
    def kinds(self) -> frozenset[str]:
        """Every kind that is named; more than one where the name does not say which it was."""

    @property
    def concentration_mg_ml(self) -> float | None:
        """Iodine or gadolinium per mL. [mg/mL]"""


ReadAgent = Callable[[str], AgentWords]
