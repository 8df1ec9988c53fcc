"""A county that does not exist, the same for the same seed: its places, families, rosters and a season of visits.

No identity in it can be real: area codes 99xxxx (which no place in China has), phones 100xxxxxxxx (which nobody has).
"""
