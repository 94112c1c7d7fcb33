"""Addresses of the welcome, the login and staffing."""

from django.urls import path

from grid_units.duties import api, displays_api, login, staffing_api

urlpatterns = [
    path("welcome", login.Welcome.as_view(), name="welcome"),
    path("login", login.Login.as_view(), name="login"),
    path("login/demo", login.DemoLogin.as_view(), name="demo-login"),
    path("logout", login.Logout.as_view(), name="logout"),
    path("me", login.Me.as_view(), name="me"),
    path("displays", displays_api.Displays.as_view(), name="displays"),
    path("displays/pairing", displays_api.Pairing.as_view(), name="display-pairing"),
    path("displays/mine", displays_api.OwnDisplay.as_view(), name="own-display"),
    path("displays/<int:display_id>", displays_api.OneDisplay.as_view(), name="display"),
    path("duties", api.Duties.as_view(), name="duties"),
    path("duties/<int:duty_id>", api.OneDuty.as_view(), name="duty"),
    path("duties/<int:duty_id>/substitutions", api.Substitutions.as_view(), name="substitutions"),
    path(
        "duties/<int:duty_id>/substitutions/<int:substitution_id>",
        api.OneSubstitution.as_view(),
        name="substitution",
    ),
    path("duties/<int:duty_id>/changes", staffing_api.DutyChanges.as_view(), name="duty-changes"),
    path("staffing/board", staffing_api.Board.as_view(), name="staffing-board"),
    path("staffing/gaps", staffing_api.GapsByHour.as_view(), name="staffing-gaps"),
    path("staffing/load", staffing_api.Loads.as_view(), name="staffing-load"),
    path("staffing/people", staffing_api.Candidates.as_view(), name="staffing-people"),
    path("staffing/leaves", staffing_api.Leaves.as_view(), name="staffing-leaves"),
]
