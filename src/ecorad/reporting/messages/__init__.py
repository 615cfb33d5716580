"""Every text a reader sees, in English, Chinese and Dutch, with the same keys."""

from .catalogue import LANGUAGES, Messages, messages
from .format import Figures, Locale, figures, number, period_text, round_half_up
from .issue_words import issue_words

__all__ = [
    "LANGUAGES",
    "Figures",
    "Locale",
    "Messages",
    "figures",
    "issue_words",
    "messages",
    "number",
    "period_text",
    "round_half_up",
]
