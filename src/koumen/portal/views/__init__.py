"""Homes, inbox, log."""
