"""Rules of extracts."""

# A described child must be one of at least so many: school × grade × categories × term.
LEAST_ALIKE = 5
LONGEST_TEXT = 8000
