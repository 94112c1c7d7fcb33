"""Addresses of the welcome, the login and staffing."""

from django.urls import path

from grid_units.duties import login

urlpatterns = [
    path("welcome", login.Welcome.as_view(), name="welcome"),
    path("login", login.Login.as_view(), name="login"),
    path("login/demo", login.DemoLogin.as_view(), name="demo-login"),
    path("logout", login.Logout.as_view(), name="logout"),
    path("me", login.Me.as_view(), name="me"),
]
