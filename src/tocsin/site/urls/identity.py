"""Signing in by way of a tenant's own identity providers."""

from django.urls import path, re_path

from tocsin.web import identity, identity_providers, saml_providers, saml_sign_in

ROUTES = [
    path("sign-in/with/<slug:key>/", identity.begin, name="identity_begin"),
    path("sign-in/with/<slug:key>/back/", identity.callback, name="identity_callback"),
    path("sign-in/with/<slug:key>/answer/", saml_sign_in.answer, name="identity_answer"),
    path("sign-in/with/<slug:key>/done/", saml_sign_in.done, name="identity_done"),
    path("sign-in/with/<slug:key>/metadata/", saml_sign_in.metadata, name="identity_metadata"),
    path(
        "settings/identity-providers/",
        identity_providers.identity_providers_page,
        name="identity_providers",
    ),
    path(
        "settings/new-identity-provider/",
        identity_providers.identity_provider_new,
        name="identity_provider_new",
    ),
    path(
        "settings/new-saml-provider/",
        saml_providers.saml_provider_new,
        name="saml_provider_new",
    ),
    path(
        "settings/identity-providers/<int:provider>/",
        identity_providers.identity_provider,
        name="identity_provider",
    ),
    re_path(
        "^settings/identity-providers/(?P<provider>[0-9]{1,18})/(?P<deed>on|off|forget)/$",
        identity_providers.identity_provider_do,
        name="identity_provider_do",
    ),
]
