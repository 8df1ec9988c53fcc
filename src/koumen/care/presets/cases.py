"""Which problems propose a case by themselves, and where dropping out is the reason."""

from datetime import timedelta

DROPOUT = ("D31", "D32")
# Needs one visit cannot meet: whoever notes one of these proposes a case; a person opens it.
PROPOSING = (*DROPOUT, "A31", "A32", "A33", "C21", "F22", "F41")
# Flags that let a child stand in the list of those a case may be opened for.
KEY = (*PROPOSING, "A12", "B12", "C11", "C13", "C14")
NEAR_THE_END = timedelta(days=14)  # seats ending so soon are renewed for the next term already
