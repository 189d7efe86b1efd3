"""Reminders that reach people who look at no page: by letter and by a push of their browser."""
