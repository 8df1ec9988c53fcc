"""Pages of visits, a file per noun."""
