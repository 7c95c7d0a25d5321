"""A stand-in for BrickLink's Store API v1, as docs/bricklink.md describes it."""
