"""Addresses of the calendar and the limits of stages."""

from django.urls import path

from incidents.clocks import api

urlpatterns = [
    path("calendar", api.CalendarOfYear.as_view(), name="calendar"),
    path("calendar/deadline", api.Deadline.as_view(), name="calendar-deadline"),
    path("clock-policy", api.PolicyNow.as_view(), name="clock-policy"),
]
