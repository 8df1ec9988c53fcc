"""Long work of visits, a file per noun; importing the room registers all of it."""

from koumen.visits.jobs import drafts, effects, handbook, papers, plans, reminders, trips

__all__ = ["drafts", "effects", "handbook", "papers", "plans", "reminders", "trips"]
