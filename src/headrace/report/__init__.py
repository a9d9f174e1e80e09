"""The report: one self-contained page that answers first, with a receipt behind every figure."""

from headrace.report.page import write_report

__all__ = ["write_report"]
