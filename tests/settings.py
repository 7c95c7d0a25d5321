"""The product's settings with a test environment: a file-based SQLite, or PostgreSQL where TEST_DATABASE_URL names one."""

from __future__ import annotations

import os
import tempfile

_scratch = os.environ.setdefault("LEVELSTOCK_TEST_DIR", tempfile.mkdtemp(prefix="levelstock-tests-"))
os.environ["DATA_DIR"] = _scratch
os.makedirs(f"{_scratch}/static", exist_ok=True)
os.environ["SECRET_KEY"] = "only-for-tests-" + "x" * 50
os.environ["FIELD_KEYS"] = "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk="
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL", f"sqlite:///{_scratch}/tests.sqlite3")
os.environ["ALLOWED_TARGETS"] = "127.0.0.0/8,::1/128"
os.environ["ALLOWED_HOSTS"] = "testserver,localhost,127.0.0.1"
os.environ["TLS"] = "false"
os.environ.pop("REDIS_URL", None)

from config.settings import *  # noqa: E402, F403
from config.settings import CACHES, DATABASES  # noqa: E402

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Threads and worker processes of the tests need a database they can open a second time.
    DATABASES["default"]["TEST"] = {"NAME": f"{_scratch}/tests-{os.getpid()}.sqlite3"}
    # SQLite gives nobody his turn: of many processes on a busy machine one may wait for long.
    DATABASES["default"]["OPTIONS"]["timeout"] = 120

# Two processes of tests have rows with the same ids: neither must find, or clear, what the other has kept.
CACHES["default"]["LOCATION"] = f"{_scratch}/cache-{os.getpid()}"

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
