"""What every feature stands on: clock, ids, transactions, events, routes."""
