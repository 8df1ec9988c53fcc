"""National codes, categories, subjects: data that the registry is set up with."""
