"""All settings, top to bottom. Values come from the environment; each is read here and nowhere else."""

from __future__ import annotations

from pathlib import Path

from django.templatetags.static import static
from django.urls import reverse_lazy

from config.database import database
from config.environment import env, networks, secret, whole_number
from config.mail import mail_settings
from config.queue import queue_settings

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / "data"))).resolve()

DEBUG = env.bool("DEBUG", False)
SECRET_KEY = secret("SECRET_KEY")
FIELD_KEYS = [key.strip() for key in secret("FIELD_KEYS", "").split(",") if key.strip()]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "accounts.adminapp.WorkplaceConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_q",
    "accounts",
    "jobs",
    "inventory",
    "sync",
    "marketplaces",
    "alerts",
    "config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.nul.NoNul",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": database(env.str("DATABASE_URL", f"sqlite:///{DATA_DIR}/levelstock.sqlite3"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")

# Shared between the web processes and the worker, so that both see the same cluster statistics.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": env.str("REDIS_URL")}
    if env.str("REDIS_URL", "")
    else {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": DATA_DIR / "cache"}
}
Q_CLUSTER = queue_settings(
    redis_url=env.str("REDIS_URL", ""),
    push_workers=whole_number("PUSH_WORKERS", 2, least=1),
    sync_workers=whole_number("SYNC_WORKERS", 2, least=1),
)

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# Plain HTTP is for one machine's loopback only; everything else is behind TLS.
TLS = env.bool("TLS", not DEBUG)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = TLS
SECURE_HSTS_SECONDS = 31_536_000 if TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", False) else None
X_FRAME_OPTIONS = "DENY"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.permissions.OperationPermission"],
    "DEFAULT_PARSER_CLASSES": [
        "accounts.parsing.JsonBody",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "config.pagination.NewestFirst",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "config.answers.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Levelstock",
    "DESCRIPTION": "Stock from several systems, kept true in one place.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "PREPROCESSING_HOOKS": ["config.openapi.without_slash"],
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "config.openapi.with_problems"],
    "ENUM_NAME_OVERRIDES": {
        "RunStateEnum": "sync.models.Status",
        "RunKindEnum": "sync.models.Kind",
        "RoundStageEnum": "sync.models.Stage",
        "LoadStateEnum": "inventory.api.loads.STATES",
        "SessionStatusEnum": "inventory.models.SessionStatus",
        "SessionKindEnum": "inventory.models.SessionKind",
        "ScanStateEnum": ["new", "again"],
        "BucketEnum": "inventory.models.Bucket",
        "ConflictStatusEnum": "inventory.models.ConflictStatus",
        "ConflictKindEnum": "inventory.models.ConflictKind",
        "RunStatusEnum": ["failed", "in_progress", "pending", "success"],
        "CheckStateEnum": ["ok", "warn", "bad"],
        "ConnectionStateEnum": "config.openapi.connection_states",
        "BreakerStateEnum": "sync.models.BreakerState",
        "HealthStatusEnum": ["up", "down"],
        "UnitKindEnum": "inventory.models.UnitKind",
        "BatchStateEnum": "inventory.models.BatchState",
        "PurchaseStatusEnum": "inventory.models.PurchaseStatus",
        "PurchaseOrderStateEnum": "inventory.models.OrderState",
        "SupplyLevelEnum": "inventory.models.SupplyLevel",
        "SaleStatusEnum": "inventory.models.SaleStatus",
        "IssuePurposeEnum": "inventory.models.IssuePurpose",
        "ReceiptPurposeEnum": "inventory.models.ReceiptPurpose",
        "ToldIssuePurposeEnum": "inventory.api.bulkbodies.ISSUES",
        "ToldReceiptPurposeEnum": "inventory.api.bulkbodies.RECEIPTS",
        "ReversibleStatusEnum": "inventory.models.WriteOffStatus",
        "CountStatusEnum": "inventory.models.CountStatus",
        "ReconciliationStatusEnum": "inventory.models.ReconciliationStatus",
        "MovementKindEnum": "inventory.models.MovementKind",
        "MovementCauseEnum": "inventory.models.Cause",
        "BatchOriginEnum": "inventory.models.BatchOrigin",
        "ItemStatusEnum": "inventory.models.ItemStatus",
        "ShopStateEnum": "marketplaces.condition.State",
        "ListingStateEnum": "marketplaces.models.ListingState",
        "AttemptStateEnum": "marketplaces.models.AttemptState",
        "VerificationStatusEnum": "marketplaces.models.VerificationStatus",
        "OrderPhaseEnum": "marketplaces.models.OrderPhase",
        "MappingOriginEnum": "marketplaces.models.MappingOrigin",
        "AlertStateEnum": "alerts.models.AlertState",
        "AlertKindEnum": "alerts.models.Kind",
        "DeliveryStateEnum": "alerts.models.DeliveryState",
        "DeliveryKindEnum": "alerts.models.DeliveryKind",
        "PartFindingEnum": "marketplaces.models.PartFinding",
        "DifferenceKindEnum": "marketplaces.models.DifferenceKind",
        "RunPhaseEnum": "sync.models.Phase",
        "TestFindingEnum": "config.openapi.test_findings",
    },
}

_mail = mail_settings(
    sendgrid_key=secret("SENDGRID_API_KEY", ""),
    sendgrid_url=env.str("SENDGRID_API_URL", ""),
    webhook_secret=secret("ANYMAIL_WEBHOOK_SECRET", ""),
    email_url=secret("EMAIL_URL", ""),
    host=env.str("EMAIL_HOST", ""),
    port=whole_number("EMAIL_PORT", 0),
    user=env.str("EMAIL_HOST_USER", ""),
    password=secret("EMAIL_HOST_PASSWORD", ""),
    security=env.str("EMAIL_SECURITY", "starttls"),
    sender=env.str("DEFAULT_FROM_EMAIL", ""),
)
# EMAIL_BACKEND and what goes with it, ANYMAIL and DEFAULT_FROM_EMAIL (docs/alerts.md).
globals().update(_mail)
MAIL_CHANNEL: str = _mail["MAIL_CHANNEL"]
# Under which people open this installation, for links in mails: https://stock.example.com.
SITE_URL = env.str("SITE_URL", "").rstrip("/")

# Networks that connections may reach; link-local addresses are refused whatever stands here.
ALLOWED_TARGETS = networks("ALLOWED_TARGETS")
# Where connections may read files: a folder for each business account.
DROP_ROOT = Path(env.str("DROP_ROOT", str(DATA_DIR / "drop"))).resolve()
# The folder of till files (SQLite) that connections may read; blank opens none to them (docs/till.md).
TILL_FILES = env.str("TILL_FILES", "")
# A program of the operator's that signs in to GE's dealer system and prints the cookies (docs/ge-connection.md).
DMS_COOKIE_COMMAND = env.str("DMS_COOKIE_COMMAND", "")
UPLOAD_LIMIT = whole_number("UPLOAD_LIMIT", 20 * 1024 * 1024, least=1)
DATA_UPLOAD_MAX_MEMORY_SIZE = UPLOAD_LIMIT
FILE_UPLOAD_HANDLERS = [
    "accounts.uploadlimit.UploadLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
CHANGE_RETENTION_DAYS = whole_number("CHANGE_RETENTION_DAYS", 180, least=1)
DOCUMENT_RETENTION_DAYS = whole_number("DOCUMENT_RETENTION_DAYS", 30, least=1)
GONE_RETENTION_DAYS = whole_number("GONE_RETENTION_DAYS", 90, least=1)
RUN_LEASE_SECONDS = whole_number("RUN_LEASE_SECONDS", 60, least=1)
RUN_BEAT_SECONDS = RUN_LEASE_SECONDS / 4
# A long run puts itself down after so long, and is taken up again where it was: no task of the queue lasts longer.
RUN_SLICE_SECONDS = whole_number("RUN_SLICE_SECONDS", 240, least=1)
# Rows written by one transaction of a source that is not all or nothing.
RUN_CHUNK_ROWS = whole_number("RUN_CHUNK_ROWS", 2000, least=1)
# How many runs of a sync of everything go on at once, and the pauses before what failed by chance is tried again.
SYNC_ALL_AT_ONCE = whole_number("SYNC_ALL_AT_ONCE", 3, least=1)
SYNC_ALL_RETRY_SECONDS = tuple(2**tries for tries in range(whole_number("SYNC_ALL_RETRIES", 3)))
# How long a shop or a listing stays with a worker that gives no sign of life; longer than any one call takes.
PUSH_LEASE_SECONDS = whole_number("PUSH_LEASE_SECONDS", 90, least=1)
# Drills shorten the pauses between tries and readings, so that nobody has to wait for them.
PUSH_PAUSE_PERCENT = whole_number("PUSH_PAUSE_PERCENT", 100, least=0)
# Pushes are pretended: nothing leaves this installation, and nothing counts as told.
DISABLE_EXTERNAL_CALLS = env.bool("DISABLE_EXTERNAL_CALLS", False)
SINGLE_SYNCS_VISIBLE = env.bool("SINGLE_SYNCS_VISIBLE", True)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}, "nowhere": {"class": "logging.NullHandler"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
    # It writes whole URLs, and some systems want their key in the query. The wire writes its own line for each call.
    "loggers": {"urllib3": {"level": "CRITICAL", "handlers": ["nowhere"], "propagate": False}},
}

UNFOLD = {
    "SITE_TITLE": "Levelstock",
    "SITE_HEADER": "Levelstock",
    "SITE_SYMBOL": "inventory_2",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("levelstock.svg")}],
    "STYLES": [lambda request: static("levelstock.css")],
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "6px",
    "SIDEBAR": {"show_search": False, "command_search": False, "navigation": "config.navigation.sidebar"},
    "DASHBOARD_CALLBACK": "sync.admin.dashboard.fill",
}
