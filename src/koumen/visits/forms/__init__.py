"""From what was typed to typed values, a file per noun."""
