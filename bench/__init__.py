"""Measurements with floors (`python -m bench`) and drills that break things on purpose (`python -m bench.drill`): docs/bench.md."""
