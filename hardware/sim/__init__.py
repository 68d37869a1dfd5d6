"""A simulated Jackal, its camera and its worlds, in MuJoCo."""

from cairn.hardware.opengl import choose_backend

choose_backend()
