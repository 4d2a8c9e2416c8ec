"""What programs ask for, and the tokens they do it with."""

from django.urls import path

from tocsin.api import clocks

ROUTES = [
    path("api/v1/tickets/<int:number>/clocks", clocks.clocks, name="api_clocks"),
]
