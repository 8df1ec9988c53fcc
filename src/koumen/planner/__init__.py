"""The planner of home visits: plain Python, knows nothing of the site."""
