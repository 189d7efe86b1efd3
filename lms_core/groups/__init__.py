"""Classes and groups, and who learns in them from when to when."""
