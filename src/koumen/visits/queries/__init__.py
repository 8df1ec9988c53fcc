"""What pages of visits read, a file per noun."""
