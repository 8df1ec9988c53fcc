"""Queries of care, a file per noun."""
