"""The migrations, each a step of its own."""
