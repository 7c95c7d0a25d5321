"""Finale Inventory's stand-in: one account, read by key."""
