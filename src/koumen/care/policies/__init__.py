"""Who may do what in care, a file per noun."""
