"""Reading the broker: what is published is kept as what comes by HTTP, and acknowledged after the commit.

The session is persistent: the broker holds what comes while we are away, and sends again what we have not
acknowledged. Sent again, an observation is known. Who may publish where is the broker's to say (its ACL).

Topics: `v1.1/Datastreams(id)/Observations` and `v1.1/Observations` of SensorThings, `geogrid/observations`
with the plain form, and `geogrid/stations/<code>/observations`, where a station speaks for itself only.
"""

import logging
import os
import re
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import Error, InterfaceError, OperationalError, connection, transaction
from django.utils import timezone
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from rest_framework.exceptions import ParseError

from assets.sensors.messages import Said, Unreadable, plain, sensorthings
from assets.sensors.models import RefusedMessage
from assets.sensors.observing import Reading, observe
from assets.sensors.speaking import EVERYBODY, readings_of
from geogrid.core.gathering import Line
from geogrid.core.parsing import strict_json

TOPICS: Final = (
    "v1.1/+/Observations",
    "v1.1/Observations",
    "geogrid/observations",
    "geogrid/stations/+/observations",
)
_DATASTREAM = re.compile(r"v1\.1/Datastreams\((\d{1,18})\)/Observations")
_STATION = re.compile(r"geogrid/stations/([^/]{1,60})/observations")
LARGEST_BYTES: Final = 2**20
KEPT_CHARACTERS: Final = 2_000
MOST_AT_ONCE: Final = 500
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Broker:
    """Where the broker is, and who we are there. The password is in no text that is made of this."""

    host: str
    port: int = 1883
    user: str = ""
    password: str = field(default="", repr=False)
    client_id: str = "geogrid"
    tls: bool = False
    ca_file: str | None = None


def broker_of_environment() -> Broker | None:
    """The broker named by GEOGRID_MQTT_HOST and its like; None when none is named.

    Raises:
        ValueError: when the port is no number.
    """
    host = os.environ.get("GEOGRID_MQTT_HOST", "")
    if not host:
        return None
    is_near = host in ("localhost", "127.0.0.1", "::1")
    tls = os.environ.get("GEOGRID_MQTT_TLS", "0" if is_near else "1") != "0"
    return Broker(
        host=host,
        port=int(os.environ.get("GEOGRID_MQTT_PORT", "8883" if tls else "1883")),
        user=os.environ.get("GEOGRID_MQTT_USER", ""),
        password=os.environ.get("GEOGRID_MQTT_PASSWORD", ""),
        client_id=os.environ.get("GEOGRID_MQTT_CLIENT", "geogrid"),
        tls=tls,
        ca_file=os.environ.get("GEOGRID_MQTT_CA") or None,
    )


def said_in(topic: str, payload: bytes) -> list[Said | Unreadable]:
    """The values of a message.

    Raises:
        Unreadable: when there is none to be found in it.
    """
    if len(payload) > LARGEST_BYTES:
        raise Unreadable(f"A message has at most {LARGEST_BYTES:,} bytes.")
    try:
        body = strict_json(payload)
    except ParseError as wrong:
        raise Unreadable(str(wrong)) from None
    if topic == "geogrid/observations":
        return plain(body)
    if station := _STATION.fullmatch(topic):
        return plain(body, station[1])
    if datastream := _DATASTREAM.fullmatch(topic):
        return [sensorthings(body, int(datastream[1]))]
    if topic == "v1.1/Observations":
        return [sensorthings(body)]
    raise Unreadable("Nobody reads this topic.")


@dataclass(frozen=True)
class _Message:
    """A message and the connection it came by: its number means nothing on another one."""

    topic: str
    payload: bytes
    number: int
    qos: int
    came_by: int


class BrokerReader:
    """Reads until it is stopped; a lost broker is looked for, a lost database waited for."""

    def __init__(self, broker: Broker, say: Callable[[str], None] = log.warning) -> None:
        self._broker = broker
        self._say = say
        self._connections = 0
        self._stop = threading.Event()
        self._line = Line("mqtt", self._take, self._leave, most_at_once=MOST_AT_ONCE)
        self._client = self._made_client()

    def start(self) -> None:
        """Begin to read. Also when the broker is not there yet."""
        self._line.start()
        self._client.connect_async(self._broker.host, self._broker.port, keepalive=30)
        self._client.loop_start()

    def stop(self) -> None:
        """Finish what is being written, and leave. What was not acknowledged is sent again to the next."""
        self._stop.set()
        self._line.close()
        self._client.disconnect()
        self._client.loop_stop()

    def _made_client(self) -> Client:
        broker = self._broker
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=broker.client_id,
            clean_session=False,
            protocol=MQTTProtocolVersion.MQTTv311,
            manual_ack=True,
        )
        if broker.user:
            client.username_pw_set(broker.user, broker.password)
        if broker.tls:
            client.tls_set(ca_certs=broker.ca_file, tls_version=ssl.PROTOCOL_TLS_CLIENT)
        client.reconnect_delay_set(min_delay=1, max_delay=int(LONGEST_PAUSE_S))
        client.on_connect = self._connected
        client.on_disconnect = self._disconnected
        client.on_subscribe = self._subscribed
        client.on_message = self._came
        return client

    # In the thread of the network --------------------------------------------------------------------------
    def _connected(
        self, client: Client, data: Any, flags: ConnectFlags, reason: ReasonCode, more: Properties | None
    ) -> None:
        if reason.is_failure:
            self._say(f"The broker at {self._broker.host} does not let us in: {reason}. Trying again.")
            return
        self._connections += 1
        client.subscribe([(topic, 1) for topic in TOPICS])

    def _subscribed(
        self, client: Client, data: Any, number: int, reasons: list[ReasonCode], more: Properties | None
    ) -> None:
        refused = [topic for topic, reason in zip(TOPICS, reasons, strict=False) if reason.is_failure]
        if refused:
            self._say(f"The broker lets us not read {', '.join(refused)}: see its ACL.")
        self._say(f"Reading the broker at {self._broker.host}:{self._broker.port}")

    def _disconnected(
        self, client: Client, data: Any, flags: DisconnectFlags, reason: ReasonCode, more: Properties | None
    ) -> None:
        if not self._stop.is_set():
            self._say(f"The broker at {self._broker.host} is gone ({reason}). Looking for it.")

    def _came(self, client: Client, data: Any, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = "?"
        self._line.put(_Message(topic, bytes(message.payload), message.mid, message.qos, self._connections))

    # In the thread that writes -----------------------------------------------------------------------------
    def _take(self, together: list[_Message]) -> None:
        received_at = timezone.now()
        pause_s = FIRST_PAUSE_S
        while not self._stop.is_set() or pause_s == FIRST_PAUSE_S:
            try:
                _keep(together, received_at)
            except (OperationalError, InterfaceError) as error:
                log.warning("observations wait for the database: %s", str(error).strip())
                connection.close()
                if self._stop.wait(pause_s):
                    return
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
            else:
                self._acknowledge(together)
                return

    def _acknowledge(self, together: list[_Message]) -> None:
        for message in together:
            if message.came_by == self._connections:
                self._client.ack(message.number, message.qos)

    def _leave(self, together: list[_Message]) -> None:
        """A bug: what it concerned is not acknowledged, and comes again with the next connection."""


def _keep(together: list[_Message], received_at: datetime) -> None:
    """Write all messages in one transaction; when one breaks a rule of the database, each by itself."""
    try:
        _write(together, received_at)
    except (OperationalError, InterfaceError):
        raise
    except Error as error:
        if len(together) == 1:
            reason = f"The database refuses it: {str(error).strip()}"
            RefusedMessage.objects.create(**_refused(together[0], reason, received_at))
            return
        for message in together:
            _keep([message], received_at)


@transaction.atomic
def _write(together: list[_Message], received_at: datetime) -> None:
    readings: list[Reading] = []
    refused: list[RefusedMessage] = []
    for message in together:
        try:
            taken = readings_of(said_in(message.topic, message.payload), EVERYBODY, received_at)
        except Unreadable as unreadable:
            taken = [unreadable]
        readings += [one for one in taken if isinstance(one, Reading)]
        reasons = dict.fromkeys(str(one) for one in taken if isinstance(one, Unreadable))
        refused += [RefusedMessage(**_refused(message, reason, received_at)) for reason in reasons]
    observe(readings, received_at=received_at)
    RefusedMessage.objects.bulk_create(refused)
    for one in refused:
        log.warning("a message on %r was refused: %s", one.topic, one.reason)


def _refused(message: _Message, reason: str, received_at: datetime) -> dict[str, Any]:
    payload = message.payload[:KEPT_CHARACTERS].decode("utf-8", "replace")
    texts = {"topic": message.topic[:300], "payload": payload, "reason": reason}
    # PostgreSQL keeps no NUL in a text.
    return {name: text.replace("\0", "\N{REPLACEMENT CHARACTER}") for name, text in texts.items()} | {
        "received_at": received_at
    }
