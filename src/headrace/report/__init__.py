"""The report: one self-contained page that answers first, with a receipt behind every figure."""

from headrace.report.charts.paint import prepare_drawing
from headrace.report.page import write_report

__all__ = ["prepare_drawing", "write_report"]
