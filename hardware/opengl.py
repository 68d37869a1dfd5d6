"""Choose MuJoCo's off-screen OpenGL backend before anything imports mujoco."""

from __future__ import annotations

import ctypes.util
import os

from cairn.hardware.errors import CairnError

_LIBRARIES = {"egl": "EGL", "osmesa": "OSMesa"}


def choose_backend() -> str:
    """Set `MUJOCO_GL` when the user has not, and return it.

    `import mujoco` itself fails when MUJOCO_GL names a backend whose library is missing, so this must
    run first.  Raises CairnError naming the packages to install when no backend is there.
    """
    asked = os.environ.get("MUJOCO_GL")
    if asked:
        library = _LIBRARIES.get(asked)
        if library and ctypes.util.find_library(library) is None:
            raise CairnError(f"MUJOCO_GL={asked} is set, but lib{library} is not installed. {_ADVICE}")
        return asked
    for backend, library in _LIBRARIES.items():
        if ctypes.util.find_library(library):
            os.environ["MUJOCO_GL"] = backend
            return backend
    raise CairnError(
        f"the simulator draws its camera off-screen, and neither libEGL nor libOSMesa is here. {_ADVICE}"
    )


_ADVICE = "On Debian or Ubuntu: apt-get install libegl1 libgl1-mesa-dri"
