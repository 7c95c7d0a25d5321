"""What outside systems say has moved, from their words to the ledger (docs/facts.md)."""
