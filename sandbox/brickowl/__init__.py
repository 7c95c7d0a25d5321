"""A stand-in for Brick Owl's API v1, as docs/brickowl.md describes it."""
