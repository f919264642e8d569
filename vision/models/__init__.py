"""Shipped weights and their cards; a package only so that they are installed with the code."""
