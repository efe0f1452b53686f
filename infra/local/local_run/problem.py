"""What makes a command end with a sentence instead of a stack trace."""


class CannotGoOnError(Exception):
    """Says what is wrong and what to do about it."""
