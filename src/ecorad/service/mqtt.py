"""Readings from an MQTT broker: a message is acknowledged when it is on the disk, so the broker keeps what is not."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from pathlib import Path
from typing import Any

from ecorad.ledger.spool import SpoolFailedError, SpoolFullError
from ecorad.model import MissingExtraError
from ecorad.model.listen import MqttSource

from .desk import Desk

FEED = "mqtt"
MAX_PAYLOAD_BYTES = 64 << 10


class MqttSubscriber:
    """Subscribed to one broker under a lasting session: what is sent while we are away waits there.

    Parameters
    ----------
    desk : Desk
        Keeps the messages.
    source : MqttSource
        Broker and topics.
    folder : Path
        Where password and certificate files of the site lie.
    """

    def __init__(self, desk: Desk, source: MqttSource, folder: Path) -> None:
        self.desk = desk
        self.counts: Counter[str] = Counter()
        self.is_connected = False
        self._source = source
        self._loop = asyncio.get_running_loop()
        self._client = _client(source, folder)
        self._client.on_connect = self._connected
        self._client.on_disconnect = self._disconnected
        self._client.on_message = self._message

    def start(self) -> None:
        """Connect, now or as soon as the broker is there; goes on by itself."""
        self._client.connect_async(self._source.host, self._source.port, keepalive=30)
        self._client.loop_start()

    def stop(self) -> None:
        """Disconnect; what was not acknowledged comes again with the next session."""
        self._client.disconnect()
        self._client.loop_stop()

    def _connected(self, client: Any, data: Any, flags: Any, reason: Any, properties: Any) -> None:
        self.is_connected = not reason.is_failure
        if self.is_connected:
            client.subscribe([(topic, 1) for topic in self._source.topics])
        else:
            self.counts["refused_by_broker"] += 1

    def _disconnected(self, client: Any, data: Any, flags: Any, reason: Any, properties: Any) -> None:
        self.is_connected = False

    def _message(self, client: Any, data: Any, message: Any) -> None:
        asyncio.run_coroutine_threadsafe(self._keep(message), self._loop)

    async def _keep(self, message: Any) -> None:
        """Keep one message, however long the disk stays full, then acknowledge it."""
        payload = bytes(message.payload)
        notes: dict[str, str] = {"kind": "meter", "feed": FEED, "target": self._source.topics.get(message.topic, "")}
        if len(payload) > MAX_PAYLOAD_BYTES:
            payload = payload[:MAX_PAYLOAD_BYTES]
            notes["set_aside"] = "ecorad.service.meter_payload"
        while True:
            try:
                await self.desk.keep("meter", payload, notes)
                break
            except SpoolFullError:
                await asyncio.sleep(1.0)
            except SpoolFailedError:
                return
        self.counts["kept"] += 1
        with contextlib.suppress(ValueError, OSError):
            self._client.ack(message.mid, message.qos)


def _client(source: MqttSource, folder: Path) -> Any:
    try:
        from paho.mqtt import client as paho
        from paho.mqtt.enums import CallbackAPIVersion
    except ImportError:
        raise MissingExtraError("MQTT needs: pip install 'ecorad[serve]'") from None
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id=source.client_id, clean_session=False, manual_ack=True)
    client.max_inflight_messages_set(100)
    client.reconnect_delay_set(1, 60)
    if source.ca is not None:
        client.tls_set(ca_certs=str(folder / source.ca))
    if source.username is not None:
        password = (folder / source.password_file).read_text("utf-8").strip() if source.password_file else None
        client.username_pw_set(source.username, password)
    return client
