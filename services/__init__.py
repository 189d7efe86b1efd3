"""Supporting trades, each a feature folder; none imports another."""
