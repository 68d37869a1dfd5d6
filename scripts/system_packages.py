"""Name the Debian or Ubuntu packages that Cairn needs and this machine lacks; install them if permitted.

Runs before anything is installed, so it needs only the standard library.  Exits 0 when nothing is
missing, 1 with the exact command otherwise.  Permission is `CAIRN_APT=yes`, or being root in CI.
"""

import ctypes
import glob
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig

OLDEST = (3, 10)


def main() -> int:
    """Check, install where permitted, and return the exit status."""
    if sys.version_info < OLDEST:
        got = ".".join(map(str, sys.version_info[:3]))
        print(f"Cairn needs Python 3.10 or newer, {sys.executable} is {got}: `make setup PYTHON=python3.12`")
        return 1
    missing = missing_packages()
    if missing and permitted():
        print(f"installing {' '.join(missing)}", flush=True)
        subprocess.run(["apt-get", "update", "-q"], check=True)
        install = ["apt-get", "install", "-q", "-y", "--no-install-recommends", *missing]
        subprocess.run(install, check=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
        missing = missing_packages()
    if not missing:
        return 0
    print("These system packages are missing. Install them with\n")
    print(f"    sudo apt-get update && sudo apt-get install -y {' '.join(missing)}\n")
    print("or, as root, let `CAIRN_APT=yes make setup` do it.")
    return 1


def permitted() -> bool:
    """Whether this run may install packages itself."""
    allowed = os.environ.get("CAIRN_APT") == "yes" or os.environ.get("CI") == "true"
    return allowed and os.geteuid() == 0 and shutil.which("apt-get") is not None


def missing_packages() -> list:
    """The packages whose files are not here, whether apt or something else would bring them."""
    headers = sysconfig.get_path("include") or ""
    have = {
        "python3-venv": importlib.util.find_spec("ensurepip") is not None,
        "python3-dev": os.path.isfile(os.path.join(headers, "Python.h")),
        "g++": shutil.which("g++") is not None,
        "libegl1": loads("libEGL.so.1"),
        "libgl1-mesa-dri": has_opengl_driver(),
        "libgl1": loads("libGL.so.1"),
        "libglib2.0-0": loads("libglib-2.0.so.0"),
        "libusb-1.0-0": loads("libusb-1.0.so.0"),
    }
    return [package for package, here in have.items() if not here]


def loads(library: str) -> bool:
    """Whether the dynamic linker finds and loads `library`."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_opengl_driver() -> bool:
    """Whether EGL has something to draw with: Mesa's software driver or NVIDIA's."""
    patterns = (
        "/usr/lib/*/dri/swrast_dri.so",
        "/usr/lib/*/libgallium-*.so",
        "/usr/share/glvnd/egl_vendor.d/*nvidia*.json",
    )
    return any(glob.glob(pattern) for pattern in patterns)


if __name__ == "__main__":
    sys.exit(main())
