"""Planning of the decoction centre's day: pots, people, vehicles. Frozen dataclasses in and out."""
