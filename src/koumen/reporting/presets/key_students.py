"""Which children count as key students (重点学生) in the monthly table."""

from koumen.registry.presets.categories import CATEGORIES, SEALED

# new pupils, families of merit and visits of praise are reasons to visit, not to worry
_NOT_KEY = ("F11", "F51", "F61")
# Sealed categories stay out: one child of a class would be told by a number of a class.
KEY_CATEGORIES = tuple(c.code for c in CATEGORIES.values() if c.code not in _NOT_KEY and c.sensitivity < SEALED)
