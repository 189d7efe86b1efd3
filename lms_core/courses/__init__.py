"""Courses: a subject, taught by teachers to groups in one school year."""
