"""The sky box: gradient, clouds, sun, and a skyline that belongs to the world rather than the weather."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from cairn.hardware.sim.worlds.conditions import Conditions
from cairn.hardware.sim.worlds.textures.surfaces import Rng, noise, to_image

SIZE = 96
ZENITH = {"clear": (78, 128, 205), "overcast": (168, 172, 178), "twilight": (30, 38, 78)}
HORIZON = {"clear": (190, 212, 232), "overcast": (205, 207, 208), "twilight": (150, 105, 100)}
HILLS = {"clear": (112, 130, 140), "overcast": (130, 136, 140), "twilight": (38, 40, 58)}
FOG = {"clear": (205, 212, 218), "overcast": (190, 193, 196), "twilight": (72, 74, 92)}


def fog_colour(conditions: Conditions) -> tuple[float, float, float]:
    """RGB in 0..1."""
    r, g, b = FOG[conditions.sky]
    return r / 255, g / 255, b / 255


def draw_sky(skyline_rng: Rng, weather_rng: Rng, conditions: Conditions) -> NDArray[np.uint8]:
    """Six faces stacked as MuJoCo wants them (+x, -x, up, down, -y, +y), shape (6 * SIZE, SIZE, 3)."""
    panorama = _panorama(skyline_rng, weather_rng, conditions)
    c, r = np.meshgrid(*[(np.arange(SIZE) + 0.5) / SIZE * 2 - 1] * 2)
    one = np.ones_like(c)
    # The renderer shows each face mirrored, hence the signs of the horizontal coordinate c.
    directions = [(one, c, -r), (-one, -c, -r), (c, -r, one), (c, r, -one), (c, -one, -r), (-c, one, -r)]
    height, width = panorama.shape[:2]
    faces = []
    for x, y, z in directions:
        azimuth = np.arctan2(y, x) % (2 * np.pi)
        elevation = np.arctan2(z, np.hypot(x, y))
        column = (azimuth / (2 * np.pi) * width).astype(np.float32) % width
        row = ((np.pi / 2 - elevation) / np.pi * (height - 1)).astype(np.float32)
        faces.append(cv2.remap(panorama, column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP))
    return to_image(np.concatenate(faces))


def _panorama(skyline_rng: Rng, weather_rng: Rng, conditions: Conditions) -> NDArray[np.float32]:
    """Columns = azimuth over 0..360 degrees, rows = elevation from +90 to -90 degrees."""
    h, w = 192, 512
    elevation = np.linspace(90, -90, h, dtype=np.float32)[:, None]
    azimuth = np.arange(w, dtype=np.float32)[None, :] * 360 / w
    blend = np.clip(1 - elevation / 55, 0, 1)[..., None] ** 2
    zenith = np.array(ZENITH[conditions.sky], np.float32)
    horizon = np.array(HORIZON[conditions.sky], np.float32)
    picture = np.tile(zenith + (horizon - zenith) * blend, (1, w, 1)).astype(np.float32)

    turn = np.abs((azimuth - conditions.sun_azimuth + 180) % 360 - 180)
    away = np.hypot(turn * np.cos(np.radians(elevation)), elevation - conditions.sun_elevation)
    glow = {"clear": 70.0, "overcast": 18.0, "twilight": 110.0}[conditions.sky]
    warm = np.array((1.0, 0.75, 0.45) if conditions.sky == "twilight" else (1.0, 0.97, 0.85), np.float32)
    picture += (glow * np.exp(-away / 22))[..., None] * warm
    if conditions.sky == "clear":
        picture[away < 3.5] = (255, 252, 235)

    cover = {
        "clear": weather_rng.uniform(-0.75, 0.1),
        "overcast": 0.55,
        "twilight": weather_rng.uniform(-0.5, 0.2),
    }
    # Clouds lie on a plane overhead, so that they shrink towards the horizon.
    up = np.tan(np.radians(np.clip(elevation, 4, 89)))
    x, y = (f(np.radians(azimuth)) / up * 14 + 256 for f in (np.cos, np.sin))
    field = 0.55 * noise(weather_rng, 512, 512, 16) + 0.35 * noise(weather_rng, 512, 512, 7)
    field += 0.2 * noise(weather_rng, 512, 512, 3)
    cloud = cv2.remap(field, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR)
    cloud = np.clip((cloud + cover[conditions.sky]) * 1.5, 0, 1) * np.clip((elevation - 3) / 12, 0, 1)
    tone = {"clear": 246.0, "overcast": 186.0, "twilight": 88.0}[conditions.sky]
    strength = (0.75 * cloud)[..., None]
    picture = picture * (1 - strength) + tone * strength

    ridge = _skyline(skyline_rng, w)
    land = np.array(HILLS[conditions.sky], np.float32)
    picture[elevation < ridge[None, :]] = land
    far = np.array(FOG[conditions.sky], np.float32)
    mist = (conditions.fog**0.5 * np.clip(1.15 - elevation / 60, 0.25, 1))[..., None]
    return np.asarray(picture * (1 - mist) + far * mist, np.float32)


def _skyline(rng: Rng, w: int) -> NDArray[np.float64]:
    """Elevation of distant hills and towers in degrees, shape (w,), the same in every weather."""
    angle = np.arange(w) * 2 * np.pi / w
    ridge = np.full(w, rng.uniform(1, 5))
    for k in range(1, 9):
        ridge += rng.normal(0, 2.6 / k) * np.sin(k * angle + rng.uniform(0, 2 * np.pi))
    for _ in range(int(rng.integers(3, 12))):
        start, width = int(rng.integers(0, w)), int(rng.integers(2, 12))
        columns = np.arange(start, start + width) % w
        ridge[columns] = np.maximum(ridge[columns], rng.uniform(4, 17))
    return np.asarray(ridge)
