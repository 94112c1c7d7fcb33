"""`geogrid mqtt`: reads the broker until it is stopped."""

import signal
import threading
from types import FrameType

import typer

from assets.sensors.mqtt import BrokerReader, broker_of_environment


def mqtt() -> None:
    """Read the MQTT broker of sensors (GEOGRID_MQTT_HOST and its like), until stopped."""
    try:
        broker = broker_of_environment()
    except ValueError:
        broker = None
    if broker is None:
        typer.echo("Name the broker: GEOGRID_MQTT_HOST, and GEOGRID_MQTT_PORT as a number.", err=True)
        raise typer.Exit(2)
    stop = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    reader = BrokerReader(broker, say=lambda line: print(line, flush=True))
    reader.start()
    stop.wait()
    reader.stop()
