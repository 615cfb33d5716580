"""TLS of a listener, as its table of ``site.toml`` says."""

from __future__ import annotations

import ssl
from pathlib import Path

from ecorad.model import SiteError
from ecorad.model.listen import Tls


def server_context(tls: Tls | None, folder: Path) -> ssl.SSLContext | None:
    """A context for TLS 1.2 and newer; paths are relative to the site's folder.

    Raises
    ------
    SiteError
        If a file is missing or is no certificate or key.
    """
    if tls is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(folder / tls.certificate, folder / tls.private_key)
        if tls.client_ca is not None:
            context.load_verify_locations(folder / tls.client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
    except (OSError, ssl.SSLError):
        raise SiteError("the certificate or key that a tls table names cannot be used") from None
    return context
