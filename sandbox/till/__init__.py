"""A till: the tables of a point of sale in an SQLite file, with a shop's business and everything that goes wrong in one."""
