from django.apps import AppConfig
from django.core.checks import Error, register


def every_webhook_host_is_one(**kwargs: object) -> list[Error]:
    """A list that cannot be read lets nothing through, and says so at the start."""
    from django.conf import settings

    from assets.cameras.allowing import read_entry

    wrong = []
    for said in settings.WEBHOOK_HOSTS:
        try:
            read_entry(said)
        except ValueError as error:
            wrong.append(Error(f"GEOGRID_WEBHOOK_HOSTS: {error}", id="messages.E001"))
    return wrong


class MessagesConfig(AppConfig):
    """What the loop tells people, units and other systems (消息), at least once each."""

    name = "incidents.messages"
    label = "loop_messages"

    def ready(self) -> None:
        register(every_webhook_host_is_one)
