"""Addresses of messages."""

from django.urls import path

from incidents.messages import api

urlpatterns = [
    path("messages", api.Messages.as_view(), name="messages"),
    path("messages/stuck", api.StuckMessages.as_view(), name="messages-stuck"),
    path("messages/<uuid:key>/acknowledge", api.Acknowledgement.as_view(), name="message-acknowledge"),
    path("messages/<uuid:key>/retry", api.AnotherTry.as_view(), name="message-retry"),
    path("messages/<uuid:key>/give-up", api.GivingUp.as_view(), name="message-give-up"),
    path("messages/refused", api.RefusedChanges.as_view(), name="refused-changes"),
    path("messages/refused/<int:refusal>/retry", api.RefusedAgain.as_view(), name="refused-change-retry"),
]
