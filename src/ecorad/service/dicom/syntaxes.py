"""What the node agrees to: classes it takes, and the encodings in which it can find the pixel data."""

from __future__ import annotations

from .pdu import ACCEPTED, NO_ABSTRACT_SYNTAX, NO_TRANSFER_SYNTAX, Agreement, Proposal

VERIFICATION = "1.2.840.10008.1.1"
STEP = "1.2.840.10008.3.1.2.3.3"
IMPLICIT_LITTLE, EXPLICIT_LITTLE = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"
# Storage classes of the standard begin so (PS3.4 B.5); the others are the vendors' and those with a place of their own.
_STORAGE = "1.2.840.10008.5.1.4.1.1."
_MORE_STORAGE = frozenset(
    {
        "1.2.840.10008.5.1.4.34.7",
        "1.2.840.10008.5.1.4.34.10",
        "1.3.12.2.1107.5.9.1",  # Siemens CSA non-image
        "1.2.840.113619.4.30",  # GE 3D model
    }
)
# Syntaxes that compress the frames alone and write the rest in explicit VR little endian (PS3.5 A.4).
_ENCAPSULATED = "1.2.840.10008.1.2.4."
_RLE = "1.2.840.10008.1.2.5"
# Deflated as a whole: the pixel data could not be found without inflating everything.
_DEFLATED = frozenset({"1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.205"})


def is_storage(uid: str) -> bool:
    """Whether a class is one of objects to keep.

    >>> is_storage("1.2.840.10008.5.1.4.1.1.2"), is_storage(VERIFICATION)
    (True, False)
    """
    return uid.startswith(_STORAGE) or uid in _MORE_STORAGE


def agree(proposal: Proposal) -> Agreement:
    """What becomes of one proposal: explicit VR little endian if offered, else the first that we can walk.

    >>> agree(Proposal(1, "1.2.840.10008.5.1.4.1.1.2", ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1"))).transfer_syntax
    '1.2.840.10008.1.2.1'
    """
    uid = proposal.abstract_syntax
    if uid not in {VERIFICATION, STEP} and not is_storage(uid):
        return Agreement(proposal.id, NO_ABSTRACT_SYNTAX, uid, IMPLICIT_LITTLE)
    offered = [one for one in proposal.transfer_syntaxes if _can_walk(one, with_frames=is_storage(uid))]
    if not offered:
        return Agreement(proposal.id, NO_TRANSFER_SYNTAX, uid, IMPLICIT_LITTLE)
    best = EXPLICIT_LITTLE if EXPLICIT_LITTLE in offered else offered[0]
    return Agreement(proposal.id, ACCEPTED, uid, best)


def _can_walk(syntax: str, *, with_frames: bool) -> bool:
    if syntax in {IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG}:
        return True
    return with_frames and (syntax == _RLE or syntax.startswith(_ENCAPSULATED)) and syntax not in _DEFLATED
