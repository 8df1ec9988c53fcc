"""What the homes and the shell read."""
