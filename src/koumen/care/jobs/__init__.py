"""Long and daily work of care, a file per noun; importing the room registers all of it."""

from koumen.care.jobs import cases, flags, opinions, tasks

__all__ = ["cases", "flags", "opinions", "tasks"]
