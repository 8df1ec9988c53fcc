"""Forms of care, a file per noun."""
