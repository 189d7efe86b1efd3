"""The roll of an organisation: its people with their roles, classes and log-ins, and slips to log in with."""
