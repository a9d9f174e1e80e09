"""Conversions that are definitions, not parameters."""

QUARTERS_PER_YEAR = 4
USD_PER_USD_BN = 1e9
KW_PER_GW = 1e6
KW_PER_MW = 1e3
