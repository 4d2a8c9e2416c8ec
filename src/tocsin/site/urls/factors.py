"""Second factors: codes of an app, passkeys, recovery codes."""

from django.urls import path, re_path

from tocsin.web import factor_stages, factors

ROUTES = [
    path("sign-in/second-factor/", factor_stages.authenticate, name="mfa_authenticate"),
    path("sign-in/set-up/", factor_stages.set_up, name="factor_set_up"),
    path("sign-in/set-up/passkey/", factor_stages.set_up_passkey_new, name="factor_set_up_passkey"),
    path("sign-in/passkey/question/", factor_stages.question, name="passkey_question"),
    path("sign-in/passkey/", factor_stages.sign_in, name="passkey_sign_in"),
    path("my-security/factors/", factors.factors, name="factors"),
    path("my-security/factors/app/", factors.factor_app, name="factor_app"),
    path("my-security/factors/passkey/new/", factors.factor_passkey_new, name="factor_passkey_new"),
    path("my-security/factors/passkey/", factors.factor_passkey, name="factor_passkey"),
    re_path("^my-security/factors/(?P<deed>remove|codes)/$", factors.factors_do, name="factors_do"),
    path("settings/people/<int:person>/factors/", factors.factors_reset, name="factors_reset"),
]
