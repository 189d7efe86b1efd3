"""The bank: questions with their keys, versions and reviews; what one is, may be answered, and what that is worth."""
