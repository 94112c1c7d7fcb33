"""Addresses of the calendar and the limits of stages."""

from django.urls import path

from incidents.clocks import api, editing_api

urlpatterns = [
    path("calendar", api.CalendarOfYear.as_view(), name="calendar"),
    path("calendar/days/<str:day>", editing_api.OneDay.as_view(), name="calendar-day"),
    path("calendar/years/<int:year>", editing_api.OneYear.as_view(), name="calendar-year"),
    path("calendar/windows", editing_api.Windows.as_view(), name="calendar-windows"),
    path("calendar/deadline", api.Deadline.as_view(), name="calendar-deadline"),
    path("clock-policy", api.PolicyNow.as_view(), name="clock-policy"),
]
