"""Uploaded rosters on their way in: read and checked, shown, confirmed, applied."""
