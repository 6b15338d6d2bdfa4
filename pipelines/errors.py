"""Errors that the observatory foresaw: the message alone tells a person what to do."""


class Foreseen(Exception):
    """The message says what was wrong, where (file, row, field) and what to do.

    The command line prints it without a stack trace. It never carries personal data.
    """
