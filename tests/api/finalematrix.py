"""Who may do what below /api/sync-finale."""

from __future__ import annotations

FINALE: dict[str, str] = {
    "POST /api/sync-finale": "run.start",
    "POST /api/sync-finale/inventory": "run.start",
    "POST /api/sync-finale/critical": "run.start",
    "POST /api/sync-finale/vendors": "run.start",
    "GET /api/sync-finale/critical": "supply.view",
    "GET /api/sync-finale/status": "run.view",
    "GET /api/sync-finale/history": "run.view",
    "GET /api/sync-finale/metrics": "run.view",
    "GET /api/sync-finale/health": "health.view",
    "GET /api/sync-finale/schedule": "schedule.view",
    "POST /api/sync-finale/schedule": "schedule.edit",
    "GET /api/sync-finale/check-stuck": "run.view",
    # With autoFix it takes the operation of cancelling a run.
    "POST /api/sync-finale/check-stuck": "run.view",
    "GET /api/sync-finale/validate": "run.view",
    # With autoFix it starts a sync.
    "POST /api/sync-finale/validate": "run.preview",
}
