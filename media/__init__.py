"""Moving sound and picture; knows rooms and grants, not lessons, not tables."""
