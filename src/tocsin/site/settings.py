"""Settings: what Django needs to know, all of it from the environment or fixed."""

import ipaddress
import os
from collections.abc import MutableMapping
from pathlib import Path

from tocsin import web
from tocsin.kit import database

_ROLE = os.environ.get(database.ROLE, "app")
_URL = os.environ.get(database.ADDRESS, "")
_found = database.parameters(_URL, _ROLE) if _URL else {}

# Cookies and links are signed with it; the first start makes one and keeps it beside the data.
SECRET_KEY = os.environ.get("TOCSIN_SECRET_KEY") or os.urandom(32).hex()
# While the key is changed for another: what the ones before signed or sealed still opens.
SECRET_KEY_FALLBACKS = [
    key for key in os.environ.get("TOCSIN_OLD_SECRET_KEYS", "").split(",") if key
]
DEBUG = False
ALLOWED_HOSTS = os.environ.get("TOCSIN_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
# `<key>.<domain>` is a tenant's host; without it a tenant is named by the path, /t/<key>/.
DOMAIN = os.environ.get("TOCSIN_DOMAIN", "")
# Where browsers find the event streams: an address, or the port of the live process beside us.
LIVE_URL = os.environ.get("TOCSIN_LIVE_URL", "")
LIVE_PORT = os.environ.get("TOCSIN_LIVE_PORT", "8001")
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("sv", "Svenska"), ("pt-br", "Português (Brasil)")]
ROOT_URLCONF = "tocsin.site.urls"
WSGI_APPLICATION = "tocsin.site.wsgi.application"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_htmx",
    "tocsin.records",
    "tocsin.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tocsin.api.failures.InJson",
    "tocsin.web.entry.Tenants",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "tocsin.web.entry.Readers",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tocsin.web.entry.Refusals",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [Path(web.__file__).parent / "templates"],
        "OPTIONS": {"environment": "tocsin.web.templating.environment", "autoescape": True},
    }
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _found.pop("dbname", ""),
        # The same few statements all day: the server keeps their plans.
        "OPTIONS": {**_found, "server_side_binding": True, "prepare_threshold": 3},
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SMTP_URL = os.environ.get("TOCSIN_SMTP_URL", "")

# ------------------------------------------------------------------------------------- signing in

AUTH_USER_MODEL = "records.Person"
# People sign in inside a tenant, so an address is unique there and not in the whole table.
SILENCED_SYSTEM_CHECKS = ["auth.E003", "auth.W004"]
AUTHENTICATION_BACKENDS = ["tocsin.web.sign_in.Backend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
ACCOUNT_ADAPTER = "tocsin.web.sign_in.Adapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_UNIQUE_EMAIL = False
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "hub"
# Tries are counted by ourselves, before anything is looked at: `actions/limits`.
ACCOUNT_RATE_LIMITS = False
# A proxy may say who somebody is, from these networks and with this secret; off by default.
HEADER_SSO_FROM = tuple(
    ipaddress.ip_network(one.strip())
    for one in os.environ.get("TOCSIN_HEADER_SSO_FROM", "").split(",")
    if one.strip()
)
HEADER_SSO_SECRET = os.environ.get("TOCSIN_HEADER_SSO_SECRET", "")

# Behind TLS (a proxy in front says so) cookies never travel in clear.
_SECURE = os.environ.get("TOCSIN_SECURE", "") == "1"
SESSION_COOKIE_NAME = "tocsin_session"
# The longest that a desk may have a session last; in the database its own rules end it sooner.
SESSION_COOKIE_AGE = 7 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _SECURE
CSRF_COOKIE_NAME = "tocsin_csrf"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _SECURE else None
SECURE_REFERRER_POLICY = "same-origin"
# And a browser that was here once comes by TLS for two years, to this host and those below it.
SECURE_HSTS_SECONDS = 2 * 365 * 24 * 3600 if _SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _SECURE
# How many proxies of ours stand in front, each of which adds an address to X-Forwarded-For.
PROXIES = int(os.environ.get("TOCSIN_PROXIES", "0") or 0)
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}
}

# ---------------------------------------------------------------------------------- second factors

# Our own pages and stages; the library's are not reachable.
MFA_ADAPTER = "tocsin.web.factor_stages.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]

# ------------------------------------------------------------------------------ identity providers

# Providers stand in our own tables, tenant by tenant; allauth is told of them by its adapter.
SOCIALACCOUNT_ADAPTER = "tocsin.web.openid.Adapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"

# ------------------------------------------------------------------------- what a request may hold

# No page and no endpoint takes a file: the first one ends the request before it is stored.
DATA_UPLOAD_MAX_NUMBER_FILES = 0
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000

# ------------------------------------------------------------------------------------------- logs

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"no keys": {"()": "tocsin.site.logs.NoKeys"}},
    "loggers": {
        name: {"filters": ["no keys"]} for name in ("django.request", "django.security.csrf")
    },
}

# ------------------------------------------------------------------------------------ static files

STATIC_URL = "/static/"
# `tocsin web` gathers them there, named by their contents. Without it (tests) they are found where
# they lie.
STATIC_ROOT = os.environ.get("TOCSIN_STATIC") or None
_STORAGE = "tocsin.site.assets.Storage" if STATIC_ROOT else ""
STORAGES = {
    "staticfiles": {"BACKEND": _STORAGE or "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
WHITENOISE_USE_FINDERS = STATIC_ROOT is None
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_MAX_AGE = 0 if STATIC_ROOT is None else 60


def WHITENOISE_ADD_HEADERS_FUNCTION(headers: MutableMapping[str, str], *_: object) -> None:  # noqa: N802  # it is a setting
    """Say of a file of ours that it is no page: nothing is loaded for it, nobody frames it."""
    headers["Content-Security-Policy"] = (
        "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
