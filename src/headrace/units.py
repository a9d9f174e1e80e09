"""Conversions that are definitions, not parameters."""

QUARTERS_PER_YEAR = 4
USD_PER_USD_BN = 1e9
