"""Pages of the registry, a file per noun."""
