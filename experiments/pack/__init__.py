"""``run.py report``: everything that is handed out, built from a finished results folder alone.

``blocks`` reads the report's own page back, so that document and page can never differ; ``document`` writes it as
``report.docx``, ``workbook`` the tables as ``results.xlsx``, ``pictures`` the charts, and ``build`` does it all.
docs/pack.md describes it.
"""
