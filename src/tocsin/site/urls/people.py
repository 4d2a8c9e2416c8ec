"""People, teams, permission sets, rules of fields and networks."""

from django.urls import path, re_path

from tocsin.web import access_rules, people, permission_sets, teams

ROUTES = [
    path("settings/people/", people.people_page, name="people"),
    path("settings/new-person/", people.person_new, name="person_new"),
    path("settings/people/<int:person>/", people.person, name="person"),
    path("settings/people/<int:person>/edit/", people.person_edit, name="person_edit"),
    path("settings/people/<int:person>/leave/", people.person_leave, name="person_leave"),
    re_path(
        "^settings/people/(?P<person>[0-9]{1,18})/(?P<deed>grant|revoke|return|invite)/$",
        people.person_do,
        name="person_do",
    ),
    path("settings/teams/", teams.teams_page, name="teams"),
    path("settings/new-team/", teams.team_new, name="team_new"),
    path("settings/teams/<int:team>/", teams.team, name="team"),
    path("settings/permission-sets/", permission_sets.sets_page, name="permission_sets"),
    path("settings/new-permission-set/", permission_sets.set_new, name="permission_set_new"),
    path(
        "settings/permission-sets/<slug:key>/",
        permission_sets.permission_set,
        name="permission_set",
    ),
    path(
        "settings/permission-sets/<slug:key>/remove/",
        permission_sets.set_remove,
        name="permission_set_remove",
    ),
    path("settings/fields/", access_rules.field_rules, name="field_rules"),
    path("settings/fields/save/", access_rules.field_rule_save, name="field_rule_save"),
    path(
        "settings/fields/<int:rule>/remove/",
        access_rules.field_rule_remove,
        name="field_rule_remove",
    ),
    path("settings/networks/", access_rules.networks, name="networks"),
    path("settings/networks/add/", access_rules.network_add, name="network_add"),
    path(
        "settings/networks/<int:rule>/remove/", access_rules.network_remove, name="network_remove"
    ),
]
