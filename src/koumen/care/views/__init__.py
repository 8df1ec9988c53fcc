"""Views of care, a file per noun."""
