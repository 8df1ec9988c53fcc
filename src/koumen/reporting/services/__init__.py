"""What is made of the numbers: files, deliveries."""
