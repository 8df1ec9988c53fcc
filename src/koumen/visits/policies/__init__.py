"""Who may do what with a visit, a file per noun."""
