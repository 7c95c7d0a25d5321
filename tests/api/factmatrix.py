"""Who may do what about lines of outside systems, rules for them, and places."""

from __future__ import annotations

FACTS: dict[str, str] = {
    "GET /api/facts": "fact.view",
    "GET /api/facts/<pk>": "fact.view",
    "GET /api/facts/held-summary": "fact.view",
    "POST /api/facts/retry": "fact.retry",
    "POST /api/facts/leave-out": "fact_rule.edit",
    "POST /api/facts/take-in": "fact_rule.edit",
    "GET /api/fact-rules": "fact_rule.view",
    "GET /api/fact-rules/<pk>": "fact_rule.view",
    "POST /api/fact-rules": "fact_rule.edit",
    "DELETE /api/fact-rules/<pk>": "fact_rule.edit",
    "GET /api/places": "reference.view",
    "GET /api/places/<pk>": "reference.view",
    "POST /api/places": "reference.edit",
    "PATCH /api/places/<pk>": "reference.edit",
}
