"""A production set-up reduced to one endpoint: no sessions, no templates, no middleware."""

import os
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

# As the server has it: what JIT compiles here costs more than it saves. Prepared statements are
# planned once, and every thread keeps its connection.
OPTIONS = {"options": "-c jit=off", "server_side_binding": True, "prepare_threshold": 5}


def database(url: str) -> dict[str, Any]:
    """Reads a libpq URL; a `host` in its query may be the directory of a Unix socket."""
    parts = urlsplit(url)
    given = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.removeprefix("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": given.pop("host", parts.hostname or ""),
        "PORT": given.pop("port", parts.port or ""),
        "CONN_MAX_AGE": None,
        "OPTIONS": OPTIONS | given,
    }


DEBUG = False
SECRET_KEY = os.environ["SECRET_KEY"]
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "tests.bench.twins.django_rest.urls"
WSGI_APPLICATION = "tests.bench.twins.django_rest.wsgi.application"

INSTALLED_APPS = ["rest_framework", "tests.bench.twins.django_rest"]
MIDDLEWARE: list[str] = []

DATABASES = {"default": database(os.environ["DATABASE_URL"])}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "tests.bench.twins.django_rest.authentication.TokenAuthentication"
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "UNAUTHENTICATED_USER": None,
}
