"""A dealer's GE account: stock of three subinventories and the loads, downloadable as GE's spreadsheets and as JSON."""
