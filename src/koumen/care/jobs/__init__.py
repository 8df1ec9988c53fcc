"""Long and daily work of care, a file per noun; importing the room registers all of it."""

from koumen.care.jobs import tasks

__all__ = ["tasks"]
