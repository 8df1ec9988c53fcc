"""What can be done with visits, a file per noun."""
