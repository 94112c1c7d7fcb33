"""Addresses of the responsibility table and of managed areas."""

from django.urls import path

from incidents.responsibility import api, table_api

urlpatterns = [
    path("responsibility/simulate", api.Simulate.as_view(), name="responsibility-simulate"),
    path("responsibility/gaps", api.Gaps.as_view(), name="responsibility-gaps"),
    path("responsibility/rules", table_api.Rules.as_view(), name="responsibility-rules"),
    path("responsibility/rules/<int:rule>", table_api.OneRule.as_view(), name="responsibility-rule"),
    path("responsibility/order", table_api.Order.as_view(), name="responsibility-order"),
    path("responsibility/editions", table_api.Editions.as_view(), name="responsibility-editions"),
    path("responsibility/units", table_api.Units.as_view(), name="responsibility-units"),
    path("managed-areas/told", api.ToldHere.as_view(), name="managed-areas-told"),
    path("managed-areas", api.ManagedAreas.as_view(), name="managed-areas"),
    path("managed-areas/<int:area>", api.OneArea.as_view(), name="managed-area"),
]
