"""Long and daily work of care, a file per noun; importing the room registers all of it."""

from koumen.care.jobs import cases, opinions, tasks

__all__ = ["cases", "opinions", "tasks"]
