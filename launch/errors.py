"""What can be wrong with a launch file or with starting it."""

from cairn.hardware.errors import CairnError


class LaunchError(CairnError):
    """A launch file, its arguments or an executable it names is not as it must be."""
