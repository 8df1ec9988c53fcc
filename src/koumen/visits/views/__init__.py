"""Pages of visits, a file per noun; importing the room registers those behind personal links."""

from koumen.visits.views import answers

__all__ = ["answers"]
