"""Local stand-ins for the outside systems: real HTTP servers with the real ones' bad habits. Nothing in the product imports this."""
