"""Who somebody is, which roles they hold where, and what that permits."""
