"""What happened to whom by whom: an append-only log of log-ins, refusals, role changes and looks at people."""
