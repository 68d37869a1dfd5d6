"""The root of every error that Cairn raises, in the lowest layer so that every layer can raise it."""


class CairnError(Exception):
    """Something from outside is not as it must be.

    The message names what was expected, what came and what is valid.  The command line prints it
    without a traceback and exits non-zero.
    """
