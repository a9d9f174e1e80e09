"""What headrace and its rivals would have said on every past day, and how it came out."""
