"""From collected figures to the tables that headrace ships; used by ``build_evidence.py`` alone."""
