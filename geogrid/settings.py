"""Settings of GeoGrid, all from the environment and safe when nothing is set.

Loopback only, no default password, debug off. What a deployment may set is listed in docs/operators-guide.md.
"""

import os
import secrets
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import rasterio  # first: its wheel carries the GDAL that GeoDjango is pointed at below
import shapely

from geogrid.embedded.urls import database_url
from geogrid.organisations.roles import Role

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("GEOGRID_VAR", BASE_DIR / "var"))


def _flag(name: str) -> bool:
    return os.environ.get(name, "").lower() in {"1", "true", "yes", "on"}


def _bundled(package: object, stem: str) -> str | None:
    """Path of the shared library `stem` inside a wheel's own folder of libraries, or None."""
    home = Path(str(getattr(package, "__file__", ""))).parent
    found = sorted(home.parent.glob(f"{home.name}.libs/{stem}-*.so*"))
    return str(found[0]) if found else None


# The wheels' own GDAL and GEOS: no system GDAL is needed. None falls back to the system's.
GDAL_LIBRARY_PATH = os.environ.get("GDAL_LIBRARY_PATH") or _bundled(rasterio, "libgdal")
GEOS_LIBRARY_PATH = os.environ.get("GEOS_LIBRARY_PATH") or _bundled(shapely, "libgeos_c")


def _secret_key() -> str:
    """The key from the environment, else one made at the first start and kept in a 0600 file."""
    given = os.environ.get("GEOGRID_SECRET_KEY")
    if given:
        return given
    kept = VAR_DIR / "secret_key"
    if not kept.exists():
        VAR_DIR.mkdir(parents=True, exist_ok=True)
        fresh = kept.with_name(f"secret_key.{os.getpid()}")
        descriptor = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(50))
        try:
            os.link(fresh, kept)  # the first of two racing starts wins, both then read the same key
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return kept.read_text()


SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = [key for key in os.environ.get("GEOGRID_OLD_SECRET_KEYS", "").split(",") if key]
DEBUG = _flag("GEOGRID_DEBUG")
DEMO = _flag("GEOGRID_DEMO")
ALLOWED_HOSTS = [host for host in os.environ.get("GEOGRID_HOSTS", "").split(",") if host] or [
    "localhost",
    "127.0.0.1",
    "[::1]",
]
BEHIND_TLS = _flag("GEOGRID_TLS")
# Days for which the positions of people are kept, by the UTC day of their receipt; never less than 7.
KEEP_FIXES_DAYS = int(os.environ.get("GEOGRID_KEEP_FIXES_DAYS", "400"))
# What the QR labels say, for the 20 years that they hang: without it, the address they were printed at.
PUBLIC_URL = os.environ.get("GEOGRID_PUBLIC_URL", "").rstrip("/")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if BEHIND_TLS else []

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "geogrid.apps.OfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "rest_framework",
    "rest_framework_gis",
    "django_filters",
    "drf_spectacular",
    "django_tasks",
    "django_tasks_db",
    "axes",
    "geogrid.core",
    "geogrid.changes",
    "geogrid.organisations",
    "grid_units",
    "grid_units.duties",
    "grid_units.patrols",
    "grid_units.workshop",
    "assets",
    "assets.seen",
    "assets.presence",
    "assets.sensors",
    "assets.terrain",
    "assets.cameras",
    "incidents",
    "incidents.loop",
    "incidents.messages",
    "incidents.patrol_quality",
    "incidents.evaluation",
    "incidents.clocks",
    "incidents.duty_list",
    "incidents.responsibility",
    "incidents.claims",
    "incidents.papers",
    "incidents.spot_checks",
    "incidents.duplicates",
    "incidents.automatic",
    "incidents.inbound",
    "incidents.texts",
    "tiles",
    "tiles.downloads",
    "geogrid.demo",
]

# Lists that are had as files besides the layers of the map: name, and who makes the rows.
DOWNLOAD_LISTS = {"desk": "incidents.desk.export.rows"}

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "geogrid.core.headers.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "geogrid.organisations.middleware.NameTheActor",
    "geogrid.organisations.middleware.CityTime",
]

ROOT_URLCONF = "geogrid.urls"
WSGI_APPLICATION = "geogrid.asgi.django_wsgi"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "geogrid" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]


def _database(url: str | None) -> dict[str, object]:
    """Django's settings of one database from a URL; without one, a name that fails with a clear message."""
    parts = urlsplit(url or "postgis://geogrid_app@127.0.0.1:1/run-geogrid-db-start-first")
    asked = dict(parse_qsl(parts.query))  # sslmode and the like
    return {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or 5432),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": _flag("GEOGRID_PGBOUNCER"),
        "OPTIONS": {
            "application_name": "geogrid",
            "connect_timeout": 10,
            "options": "-c jit=off -c timezone=UTC",
            **asked,
        },
    }


DATABASE_ROLE = os.environ.get("GEOGRID_DB_ROLE", "app")
DATABASES = {"default": _database(database_url(DATABASE_ROLE))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "organisations.User"

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "grid_units.duties.office.RoleBackend",
]
PASSWORD_RESET_TIMEOUT = 14 * 86_400
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# Ten wrong passwords for one name from one address lock that pair for a quarter of an hour.
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_CALLABLE = "geogrid.organisations.authentication.too_many_attempts"
AXES_CLIENT_IP_CALLABLE = "geogrid.organisations.authentication.address_of_client"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = BEHIND_TLS
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_NAME = "geogrid_session"
CSRF_COOKIE_SECURE = BEHIND_TLS
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "geogrid_csrf"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
X_FRAME_OPTIONS = "DENY"
LOGIN_URL = "/login"

LANGUAGE_CODE = "en"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # a city's own zone stands in its `city` row

STATIC_URL = "/static/"
FRONTEND_DIST = BASE_DIR / "frontend" / "dist"
STATICFILES_DIRS = [FRONTEND_DIST] if FRONTEND_DIST.is_dir() else []
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MANIFEST_STRICT = False
MEDIA_ROOT = Path(os.environ.get("GEOGRID_MEDIA", BASE_DIR / "media"))
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": MEDIA_ROOT, "file_permissions_mode": 0o640},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Terrain lies with the photos, so that a backup holds it; it is never served as a file.
TERRAIN_DIR = Path(os.environ.get("GEOGRID_TERRAIN", MEDIA_ROOT / "terrain"))
# Where an administrator lays terrain files that are too large to upload.
TERRAIN_INBOX = Path(os.environ.get("GEOGRID_TERRAIN_INBOX", VAR_DIR / "terrain-inbox"))
# Hosts that pictures of cameras may be fetched from: networks, addresses, names, with `:port` where it is
# neither 80 nor 443. Empty: from nowhere.
# Which hosts webhooks may be sent to; written as GEOGRID_CAMERA_HOSTS is.
WEBHOOK_HOSTS = [
    host.strip() for host in os.environ.get("GEOGRID_WEBHOOK_HOSTS", "").split(",") if host.strip()
]
# The mail server: smtp://user:password@host:port, smtps:// (TLS at once) or smtp+tls:// (STARTTLS).
# Empty: no mail.
_smtp = urlsplit(os.environ.get("GEOGRID_SMTP", ""))
EMAIL_HOST = _smtp.hostname or ""
EMAIL_PORT = _smtp.port or (465 if _smtp.scheme == "smtps" else 25)
EMAIL_HOST_USER = unquote(_smtp.username or "")
EMAIL_HOST_PASSWORD = unquote(_smtp.password or "")
EMAIL_USE_SSL = _smtp.scheme == "smtps"
EMAIL_USE_TLS = _smtp.scheme == "smtp+tls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("GEOGRID_MAIL_FROM", "geogrid@localhost")
CAMERA_HOSTS = [
    host.strip() for host in os.environ.get("GEOGRID_CAMERA_HOSTS", "").split(",") if host.strip()
]
BASEMAP_DIR = Path(os.environ.get("GEOGRID_BASEMAP", VAR_DIR / "base"))
DATA_UPLOAD_MAX_MEMORY_SIZE = 25 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20

UNFOLD = {"SITE_TITLE": "GeoGrid", "SITE_HEADER": "geogrid.site.title", "SHOW_LANGUAGES": False}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "geogrid.organisations.authentication.BearerToken",
        "rest_framework.authentication.SessionAuthentication",
        "geogrid.organisations.display_cookie.DisplayCookie",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["geogrid.core.parsing.StrictJSON"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "geogrid.core.errors.as_response",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "GeoGrid",
    "DESCRIPTION": "Running a city by its grid: units, assets, incidents, tiles and the live feed.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "StaffRole": [role.value for role in Role],
        "PhotoRole": ["near", "far", "reference", "before", "after", "snapshot", "aerial"],
        "UploadedPhotoRole": ["near", "far", "reference", "before", "after", "aerial"],
        "StateEnum": ["intact", "damaged", "missing", "abandoned", "removed"],
        "JobState": ["waiting", "working", "ready", "cancelled", "refused"],
        "DownloadFormat": ["gpkg", "fgb", "shp", "csv"],
        "PictureState": ["live", "stale", "broken"],
        "LevelAboveCells": ["DISTRICT", "STREET", "COMMUNITY"],
        "UnitLevel": ["CELL", "COMMUNITY", "STREET", "DISTRICT"],
        "PatrolState": ["on_patrol", "standing", "off_cell", "silent", "off_duty"],
        "DeviceKind": ["phone", "tracker", "forwarder", "file"],
        "NewDeviceKind": ["phone", "tracker", "forwarder"],
        "AnalystKind": [("reader", "只读 reader"), ("editor", "编辑 editor")],
        "PatrolVerdict": ["miss", "gap", "neither"],
        "SpotVerdict": ["upheld", "not_solved", "not_told"],
        "WorkOrderRole": ["lead", "co"],
        "WorkOrderState": ["SENT", "ACCEPTED", "DONE", "RETURNED", "WITHDRAWN"],
        "MessageState": ["waiting", "sent", "acknowledged", "stuck"],
        "LimitKind": ["continuous_hour", "continuous_day", "working_hour", "working_day"],
        "ClassKind": ["asset", "event"],
        "EvidenceRole": ["near", "far", "reference", "before", "after"],
        "UnitRule": ["by_table", "named"],
        "ConditionOrigin": ["default", "preset", "city"],
        "AreaEffect": ["permit", "notice", "override"],
        "FiredSource": ["area", "asset", "table", "place", "gap"],
        "CellCardKindEnum": ["GENERAL", "EXCLUSIVE"],
        "StageEnum": [
            "REPORTED",
            "FILED",
            "DISPATCHED",
            "HANDLING",
            "HANDLED",
            "VERIFIED",
            "CLOSED",
            "EVALUATED",
            "REJECTED",
            "VOID",
        ],
        "DraftStage": ["DRAFT", "IN_REVIEW", "APPROVED", "PUBLISHED", "DISCARDED"],
        "AlarmLevel": ["notice", "watch", "serious", "critical"],
        "DeskQueue": [
            *("to_file", "tray", "to_dispatch", "returned", "to_verify", "to_close", "to_approve"),
            *("unit_new", "unit_at_work", "near_limit", "overdue", "mine", "border", "open"),
        ],
    },
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("GEOGRID_LOG", "WARNING")},
}
