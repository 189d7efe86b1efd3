"""The desk where those in charge help people with their log-ins, and where the audit log is read."""
