"""Every text a reader sees, in English, Chinese and Dutch, with the same keys."""

from .catalogue import LANGUAGES, Messages, messages
from .format import Figures, Locale, figures, number, period_text, round_half_up

__all__ = [
    "LANGUAGES",
    "Figures",
    "Locale",
    "Messages",
    "figures",
    "messages",
    "number",
    "period_text",
    "round_half_up",
]
