"""Sending what waits: at least once, each try with the same key, later and later, until it counts as stuck.

A message is locked while it is sent; whoever is killed meanwhile leaves it waiting, and it is sent again. A
receiver that sees the key a second time knows it already.
"""

import contextlib
import hashlib
import hmac
import http.client
import json
import logging
import random
import smtplib
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from assets.cameras.allowing import NotAllowed, address_for, read_entry
from assets.cameras.fetching import Pinned
from incidents.messages.models import Message
from incidents.papers.contents import letter_pdf
from incidents.papers.models import Letter

MOST_TRIES = 8
FIRST_WAIT = timedelta(seconds=20)
LONGEST_WAIT = timedelta(hours=1)
PATIENCE_S = 10.0
PORTS = {"http": 80, "https": 443}
log = logging.getLogger(__name__)


class NotSent(Exception):
    """It did not arrive; why, in words that hold no secret."""


def wait_after(tries: int, chance: Callable[[], float] = random.random) -> timedelta:
    """How long to wait after so many tries: doubled each time, up to an hour, and spread by half around
    it.
    """
    wait: timedelta = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(tries - 1, 12))
    return wait * (0.5 + chance())


def send_due(at: datetime, most: int = 50, now: Callable[[], datetime] = timezone.now) -> int:
    """Try what is due, each in a transaction of its own. Returns how many arrived."""
    arrived = 0
    for _ in range(most):
        with transaction.atomic():
            due = Message.objects.filter(state="waiting", next_try_at__lte=at)
            free = due.select_for_update(skip_locked=True, of=("self",)).order_by("next_try_at")
            message = free.select_related("unit_channel", "incident").first()
            if message is None:
                break
            arrived += _try(message, at)
    return arrived


def _try(message: Message, at: datetime) -> int:
    message.attempts += 1
    try:
        if message.channel == "email":
            _by_email(message)
        else:
            _by_webhook(message)
    except NotSent as why:
        message.error = str(why)[:300]
        if message.attempts >= MOST_TRIES:
            message.state, message.next_try_at = "stuck", None
        else:
            message.next_try_at = at + wait_after(message.attempts)
        message.save()
        return 0
    message.state, message.sent_at, message.next_try_at, message.error = "sent", at, None, ""
    message.save()
    return 1


def note_unacknowledged(at: datetime) -> int:
    """What nobody has acknowledged in time is stuck (未回执), noted once."""
    late = Message.objects.filter(state="sent", ack_due_at__lte=at, acknowledged_at=None)
    return late.update(state="stuck", error="not acknowledged in time 逾期未回执")


def _by_email(message: Message) -> None:
    if not settings.EMAIL_HOST:
        raise NotSent("no mail server is set (GEOGRID_SMTP) 未配置邮件服务器")
    mail = EmailMessage(
        subject=message.text_zh.split("。")[0][:150],
        body=f"{message.text_zh}\n\n{message.text_en}\n",
        to=[message.address],
        headers={"Message-ID": f"<{message.key}@geogrid>", "X-GeoGrid-Key": str(message.key)},
    )
    letter = Letter.objects.filter(step_id=message.step_id).select_related("incident").first()
    if letter is not None:
        mail.attach(f"{letter.kind}-{letter.year}-{letter.nth}.pdf", letter_pdf(letter), "application/pdf")
    try:
        mail.send()
    except (smtplib.SMTPException, OSError) as error:
        raise NotSent(f"mail server: {type(error).__name__}") from error


def body_of(message: Message) -> bytes:
    """What a webhook carries: the same bytes at every try."""
    said = {
        "key": str(message.key),
        "kind": message.kind,
        "incident": message.incident.number,
        "created_at": message.created_at.isoformat(),
        "acknowledge_by": message.ack_due_at.isoformat() if message.ack_due_at else None,
        "text": {"zh": message.text_zh, "en": message.text_en},
    }
    return json.dumps(said, ensure_ascii=False, sort_keys=True).encode()


def signature(secret: str, moment: int, body: bytes) -> str:
    """HMAC-SHA256 over the seconds since 1970, a dot, and the body; told as `t=...,v1=<hex>`."""
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def _by_webhook(message: Message) -> None:
    channel = message.unit_channel
    if channel is None or not channel.is_active:
        raise NotSent("the webhook was taken away 该渠道已停用")
    parts = urlsplit(message.address)
    host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
    if parts.scheme not in PORTS or not host or parts.username is not None:
        raise NotSent("the address is none that is allowed 地址不合规")
    ends, body = time.monotonic() + PATIENCE_S, body_of(message)
    try:
        allowed = [read_entry(entry) for entry in settings.WEBHOOK_HOSTS]
        address = address_for(host, port, allowed)
        link = Pinned(host, port, address, parts.scheme == "https", ends)
        with contextlib.closing(link), link.watched():
            headers = {
                "Content-Type": "application/json",
                "Idempotency-Key": str(message.key),
                "User-Agent": "GeoGrid",
                "X-GeoGrid-Signature": signature(channel.secret, int(time.time()), body),
            }
            target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
            link.request("POST", target, body=body, headers=headers)
            status = link.getresponse().status
    except NotAllowed:
        raise NotSent("its host is not in GEOGRID_WEBHOOK_HOSTS 主机不在允许名单内") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotSent(f"not reached: {type(error).__name__}") from error
    if not 200 <= status < 300:
        raise NotSent(f"answered {status}")


def run(stop: threading.Event) -> None:
    """Send until `stop` is set. Any number of workers share the work; a lost database is waited for."""
    while not stop.is_set():
        try:
            at = timezone.now()
            note_unacknowledged(at)
            sent = send_due(at)
        except (OperationalError, InterfaceError) as error:
            log.warning("The sender lost the database: %s", error)
            connection.close()
            sent = 0
        except Exception:
            log.exception("The sender could not send")
            sent = 0
        if not sent:
            stop.wait(1.0)
    connection.close()
