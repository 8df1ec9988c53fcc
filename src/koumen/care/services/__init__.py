"""Services of care."""
