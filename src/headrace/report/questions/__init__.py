"""The questions of the report, in order: spending, what binds, what pays."""
