"""Scripts that make the shipped weights; nothing here is imported when photographs are read."""
