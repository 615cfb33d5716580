"""What ``ecorad serve`` listens for: the ``[listen]`` tables of ``site.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """Certificate and key of a listener; with ``client_ca`` callers must show a certificate signed by it."""

    certificate: str
    private_key: str
    client_ca: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DicomListener:
    """``[listen.dicom]``: our title and address, who may call, and how many at once."""

    ae_title: str = "ECORAD"
    host: str = "127.0.0.1"
    port: int = 11112
    callers: tuple[str, ...] = ()
    max_associations: int = 1000
    max_per_address: int = 500
    tls: Tls | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MllpListener:
    """``[listen.mllp]``: where HL7 v2 messages arrive, and from which addresses."""

    host: str = "127.0.0.1"
    port: int = 2575
    callers: tuple[str, ...] = ()
    max_connections: int = 200
    tls: Tls | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttSource:
    """``[listen.mqtt]``: the broker we ask for readings. ``topics`` leads from topic to ``meter`` or ``meter:key``."""

    host: str = "127.0.0.1"
    port: int = 1883
    topics: Mapping[str, str] = field(default_factory=dict)
    client_id: str = "ecorad"
    username: str | None = None
    password_file: str | None = None
    ca: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpReceiver:
    """``[listen.http]``: readings as line protocol on the web port, from whoever shows the token in ``token_file``."""

    token_file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """``[listen]``: what arrives by itself.

    ``reserve_mb`` is the free space below which nothing new is taken in [MB]; ``keep_days`` how long what was received
    is kept after its records are in the tables.
    """

    reserve_mb: float = 1024.0
    keep_days: float = 30.0
    dicom: DicomListener | None = None
    mllp: MllpListener | None = None
    mqtt: MqttSource | None = None
    http: HttpReceiver | None = None
