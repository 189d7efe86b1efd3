"""What tests build on: a school in memory, people who act in it, goldens."""
