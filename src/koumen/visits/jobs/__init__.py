"""Long work of visits, a file per noun; importing the room registers all of it."""

from koumen.visits.jobs import effects, handbook, papers, plans, reminders, trips

__all__ = ["effects", "handbook", "papers", "plans", "reminders", "trips"]
