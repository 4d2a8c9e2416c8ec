"""Signing in and out, sessions, links that work once, the first run."""

from django.urls import path

from tocsin.web import first_run, links, my_security, sign_in

ROUTES = [
    path("sign-in/", sign_in.sign_in, name="account_login"),
    path("sign-out/", sign_in.sign_out, name="account_logout"),
    path("prove/", sign_in.prove, name="prove"),
    path("forgotten/", links.forgotten, name="forgotten"),
    path("invitation/<str:token>/", links.invitation, name="invitation_link"),
    path("password/<str:token>/", links.password, name="password_link"),
    path("email/<str:token>/", links.address, name="address_link"),
    path("my-security/", my_security.my_security, name="my_security"),
    path("my-security/password/", my_security.my_password, name="my_password"),
    path("my-security/address/", my_security.my_address, name="my_address"),
    path("my-security/sessions/", my_security.my_sessions_end, name="my_sessions_end"),
    path("my-security/sessions/<int:session>/", my_security.my_session_end, name="my_session_end"),
    path("first-run/", first_run.first_run, name="first_run"),
]
