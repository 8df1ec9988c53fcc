"""What a school may choose from: data, not code."""
