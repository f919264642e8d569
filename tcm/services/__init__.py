"""Use cases, a file for each desk: each takes a Work and an Actor, and says at its top what it demands."""
