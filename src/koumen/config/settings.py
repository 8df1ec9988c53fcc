"""Django's settings. Values come from `config.env` alone; nothing is started or written but the secrets file."""

from datetime import time
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from koumen.config import database, env

env.refuse_unknown()
ROOT = Path(__file__).resolve().parents[3]
DATA = env.data_folder()
_secrets = env.load_secrets(DATA)
SERVER = database.locate(DATA, _secrets.app_password, env.read("KOUMEN_DATABASE"))

SECRET_KEY = _secrets.secret_key
DEBUG = env.read("KOUMEN_DEBUG") == "1"
HTTPS = env.read("KOUMEN_HTTPS") == "1"
ALLOWED_HOSTS = [h.strip() for h in env.read("KOUMEN_HOSTS").split(",")]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "koumen.core",  # before allauth, whose pages it replaces by ours
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "procrastinate.contrib.django",
    "koumen.registry",
    "koumen.care",
    "koumen.visits",
    "koumen.reporting",
    "koumen.portal",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "koumen.core.middleware.HeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "koumen.core.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "koumen.core.middleware.BodyLimitMiddleware",
    "koumen.core.middleware.ScopeMiddleware",
]

ROOT_URLCONF = "koumen.config.urls"
WSGI_APPLICATION = "koumen.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "koumen.portal.context.shell",
            ],
            "builtins": ["koumen.core.templatetags.ui"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.append("django.forms")

# `default` is the application role, which row-level security holds; `owner` is for migrations and backup alone.
DATABASES = {
    "default": database.django_settings(SERVER, database.APP),
    "owner": database.django_settings(SERVER, SERVER.owner_user),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "registry.Account"
AUTHENTICATION_BACKENDS = ["koumen.registry.sign_in.NameOrPhoneBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "koumen.registry.sign_in.AccountAdapter"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_FORMS = {"login": "koumen.registry.sign_in.SignInForm"}
# A whole school signs in from one address at eight o'clock; one account is locked for five minutes after five errors.
ACCOUNT_RATE_LIMITS = {"login": "240/m/ip", "login_failed": "60/m/ip,5/5m/key", "reauthenticate": "10/m/user"}
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if HTTPS else 0
MFA_ADAPTER = "koumen.registry.sign_in.SecondFactorAdapter"
ACCOUNT_LOGOUT_ON_GET = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = _("叩门")
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
MFA_REQUIRED = env.read("KOUMEN_MFA_REQUIRED") == "1"
# Following every click of a session would write on each page view; the list shows when and where it began.
USERSESSIONS_TRACK_ACTIVITY = False

SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "koumen.core.web.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_048_576

LANGUAGE_CODE = "zh-hans"
LOCALE_PATHS = [ROOT / "src" / "koumen" / "config" / "locale"]
LANGUAGES = [("zh-hans", _("中文")), ("en", "English")]
# The browser's language holds until somebody chooses one; the choice stays with the browser for a year.
LANGUAGE_COOKIE_NAME = "koumen_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = HTTPS
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
KOUMEN_WEB_DIST = ROOT / "web" / "dist"
KOUMEN_RECORDER_DIST = ROOT / "recorder" / "dist"
STATICFILES_DIRS: list[object] = [KOUMEN_WEB_DIST] if KOUMEN_WEB_DIST.exists() else []
STATICFILES_DIRS += [("recorder", KOUMEN_RECORDER_DIST)] if KOUMEN_RECORDER_DIST.exists() else []
WHITENOISE_USE_FINDERS = True
WHITENOISE_IMMUTABLE_FILE_TEST = r"-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$"
MEDIA_ROOT = DATA / "files"
KOUMEN_TILE_URL = env.read("KOUMEN_TILE_URL")
KOUMEN_ROADS = env.road_service()

KOUMEN_MEMBER = "koumen.registry.queries.actors.member_of"
KOUMEN_ACTOR = "koumen.registry.queries.actors.actor_of"
KOUMEN_ENTRANCE = "koumen.registry.sign_in.entrance"
KOUMEN_FIELD_KEYS = _secrets.field_keys
KOUMEN_LOOKUP_KEY = _secrets.lookup_key
_quiet_from, _quiet_to = env.read("KOUMEN_QUIET_HOURS").split("-")
KOUMEN_QUIET_HOURS = (time.fromisoformat(_quiet_from), time.fromisoformat(_quiet_to))
KOUMEN_OUTBOX = env.read("KOUMEN_OUTBOX")
KOUMEN_OUTBOX_FOLDER = DATA / "outbox"

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_ON_APP_READY = "koumen.core.jobs.on_app_ready"

CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "core_cache"}}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
