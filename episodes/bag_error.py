"""What can be wrong with a bag, as its user reads it."""

from cairn.hardware.errors import CairnError


class BagError(CairnError):
    """A bag can't be created, read or repaired; the message says which and why."""
