"""Data of care: kinds and words."""
