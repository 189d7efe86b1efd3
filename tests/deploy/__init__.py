"""What stands in `deploy/` is whole, and its commands and settings are those of the code."""
