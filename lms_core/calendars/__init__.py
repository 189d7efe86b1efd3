"""A person's lessons as a calendar that their own programs read."""
