"""Signing in and out, sessions, links that work once."""

from django.urls import path

from tocsin.web import sign_in

ROUTES = [
    path("sign-in/", sign_in.sign_in, name="account_login"),
    path("sign-out/", sign_in.sign_out, name="account_logout"),
]
