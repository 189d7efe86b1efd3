"""Other servers that forward media, and how each is fetched, started and spoken to."""
