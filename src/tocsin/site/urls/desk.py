"""Where work is looked at: front page, hub, queue and board."""

from django.urls import path

from tocsin.web import board, front, health, hub, preferences, queue

ROUTES = [
    path("", front.front, name="front"),
    path("health", health.health, name="health"),
    path("metrics", health.metrics, name="metrics"),
    path("hub/", hub.hub, name="hub"),
    path("queue/", queue.queue, name="queue"),
    path("board/", board.board, name="board"),
    path("board/<str:pipeline>/", board.board, name="board_of"),
    path("board/<str:pipeline>/cards/", board.cards, name="cards"),
    path("board/<str:pipeline>/<str:stage>/", board.column, name="column"),
    path("preferences/", preferences.preferences, name="preferences"),
]
