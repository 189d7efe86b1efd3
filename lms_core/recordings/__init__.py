"""What was recorded of lessons: who agreed to it, who may watch it, and until when it is kept."""
