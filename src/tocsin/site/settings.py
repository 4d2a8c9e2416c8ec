"""Settings: what Django needs to know, all of it from the environment or fixed."""

import os

from tocsin.kit import database

_ROLE = os.environ.get(database.ROLE, "app")
_URL = os.environ.get(database.ADDRESS, "")
_found = database.parameters(_URL, _ROLE) if _URL else {}

# Cookies and links are signed with it; the first start makes one and keeps it beside the data.
SECRET_KEY = os.environ.get("TOCSIN_SECRET_KEY") or os.urandom(32).hex()
DEBUG = False
ALLOWED_HOSTS = os.environ.get("TOCSIN_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
ROOT_URLCONF = "tocsin.site.urls"
WSGI_APPLICATION = "tocsin.site.wsgi.application"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "tocsin.records",
    "tocsin.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": []},
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
AUTH_USER_MODEL = "records.Person"
# People sign in inside a tenant, so an address is unique there and not in the whole table.
SILENCED_SYSTEM_CHECKS = ["auth.E003", "auth.W004"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SMTP_URL = os.environ.get("TOCSIN_SMTP_URL", "")
