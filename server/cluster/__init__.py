"""Several server processes that behave as one: who lives, who holds which room, and how the others reach it."""
