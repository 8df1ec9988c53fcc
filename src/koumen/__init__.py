"""Koumen (叩门): home visits and home-school cooperation."""
