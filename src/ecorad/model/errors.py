"""Every error Ecorad raises on purpose, as one family.

* EcoradError                      ecorad.error
  x InputError (ValueError)        ecorad.input
    + UnitError                    ecorad.unit
    + SiteError                    ecorad.site
  x UnknownNameError (LookupError) ecorad.unknown_name
    + FactorNotFoundError          ecorad.factor.not_found
  x MixingError (TypeError)        ecorad.mixing
  x DecodeError (ValueError)       ecorad.decode
  x StoreError (RuntimeError)      ecorad.store
    + WorkspaceError               ecorad.workspace
    + WorkspaceBusyError           ecorad.workspace.busy
  x MissingExtraError (ImportError) ecorad.extra

Wrong use raises at once. A bad record among many is an :class:`~ecorad.model.issue.Issue`, which is data.
"""

from __future__ import annotations


class EcoradError(Exception):
    """Base of the family; ``code`` is stable and the same in log, API and exit message.

    >>> str(EcoradError("the disk is full", code="ecorad.store.full"))
    'the disk is full [ecorad.store.full]'
    """

    code = "ecorad.error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return f"{self.message} [{self.code}]"


class InputError(EcoradError, ValueError):
    """A value given by the caller cannot be right."""

    code = "ecorad.input"


class UnitError(InputError):
    """A unit is unknown, or two units do not go together."""

    code = "ecorad.unit"


class SiteError(InputError):
    """``site.toml`` says something that cannot be used; the message names the key."""

    code = "ecorad.site"


class UnknownNameError(EcoradError, LookupError):
    """A name (table, id, device) is not known; the message names the nearest ones."""

    code = "ecorad.unknown_name"


class FactorNotFoundError(UnknownNameError):
    """No factor answers the look-up; the message names the nearest candidates."""

    code = "ecorad.factor.not_found"


class MixingError(EcoradError, TypeError):
    """Two quantities that answer different questions were about to be added."""

    code = "ecorad.mixing"


class DecodeError(EcoradError, ValueError):
    """One input cannot be read; ``code`` says why and the batch goes on."""

    code = "ecorad.decode"


class StoreError(EcoradError, RuntimeError):
    """The ledger could not keep or give back what was asked."""

    code = "ecorad.store"


class WorkspaceError(StoreError):
    """The folder is not a workspace, or a part of it is missing."""

    code = "ecorad.workspace"


class WorkspaceBusyError(StoreError):
    """Another process is writing to this workspace."""

    code = "ecorad.workspace.busy"


class MissingExtraError(EcoradError, ImportError):
    """An optional dependency is not installed; the message holds the install line."""

    code = "ecorad.extra"
