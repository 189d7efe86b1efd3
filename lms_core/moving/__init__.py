"""Moving in: an organisation's people, classes, courses and lessons from a pasted list or from Excel."""
