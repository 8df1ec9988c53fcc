"""What the tables count, as data."""
