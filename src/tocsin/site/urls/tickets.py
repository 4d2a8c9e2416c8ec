"""Where tickets are, and what is done to one."""

from django.urls import path, re_path

from tocsin.web import acknowledging, doings, escalating, more, paths, ticket, tickets

ROUTES = [
    path("tickets/", tickets.tickets, name="tickets"),
    path("tickets/<int:number>/", ticket.ticket, name="ticket"),
    path("tickets/<int:number>/why/", ticket.explained, name="why"),
    path("tickets/<int:number>/say/", doings.say, name="say"),
    path("tickets/<int:number>/assign/", doings.assign, name="assign"),
    path("tickets/<int:number>/move/", doings.move, name="move"),
    path("tickets/<int:number>/priority/", doings.priority, name="priority"),
    path("tickets/<int:number>/pause/", doings.pause, name="pause"),
    path("tickets/<int:number>/pause/approve/", doings.approve_pause, name="approve_pause"),
    path("tickets/<int:number>/pause/refuse/", doings.refuse_pause, name="refuse_pause"),
    path("tickets/<int:number>/resume/", doings.resume, name="resume"),
    path("tickets/<int:number>/resolve/", doings.resolve, name="resolve"),
    path("tickets/<int:number>/reopen/", doings.reopen, name="reopen"),
    path("tickets/<int:number>/more/", more.more, name="more"),
    re_path(
        "^tickets/(?P<number>[0-9]{1,18})/more/"
        "(?P<deed>merge|split|follow|spam|restore|override|promise|called)/$",
        more.do,
        name="more_do",
    ),
    path(
        "tickets/<int:number>/escalation/acknowledge/",
        escalating.acknowledge_escalation,
        name="acknowledge_escalation",
    ),
    path("tickets/<int:number>/escalation/start/", escalating.escalate, name="escalate"),
    path(
        "tickets/<int:number>/escalation/stop/", escalating.stop_escalation, name="stop_escalation"
    ),
    path("tickets/<int:number>/escalation/upgrade/", paths.path_upgrade, name="path_upgrade"),
    path("take-next/", doings.take_next, name="take_next"),
    path("lines/", ticket.lines, name="lines"),
    path("tickets/<int:number>/acknowledge/", acknowledging.acknowledge, name="acknowledge_ticket"),
    path("tickets/<int:number>/snooze/", acknowledging.snooze, name="snooze"),
]
