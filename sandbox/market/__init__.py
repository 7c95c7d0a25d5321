"""What the stand-ins of marketplaces share: memory, faults, the writes they received, and what happens on the site itself."""
