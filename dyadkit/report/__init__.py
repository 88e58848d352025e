"""The report: sections placed in order and written as HTML, DOCX, CSV, JSON and pictures."""

from dyadkit.report.assembly import InputFile, Provenance, Report, Section

__all__ = ["InputFile", "Provenance", "Report", "Section"]
