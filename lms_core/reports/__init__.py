"""What a lesson was, for who led it: who was there, spoke and wrote."""
