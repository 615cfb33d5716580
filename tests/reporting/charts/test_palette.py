"""Contrast and colour blindness of the palette, computed from the style sheet itself."""

from __future__ import annotations

import re
from importlib.resources import files
from itertools import combinations

import numpy as np
import pytest

STATES = ("off", "power_save", "idle", "ready", "scan")
# Machado, Oliveira & Fernandes 2009, severity 1.0.
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
CSS = (files("ecorad.reporting") / "templates" / "report.css").read_text("utf-8")
THEMES = dict(zip(("light", "dark"), re.findall(r":root \{(.*?)\}", CSS, flags=re.S), strict=True))


def colours(theme):
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", THEMES[theme]))


def linear(colour):
    srgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    light = sorted(float(np.array([0.2126, 0.7152, 0.0722]) @ linear(colour)) for colour in (one, other))
    return (light[1] + 0.05) / (light[0] + 0.05)


def lab(rgb):
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ rgb
    f = np.cbrt(np.maximum(xyz / np.array([0.9505, 1.0, 1.089]), 0.008856))
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ink", ["ink", "muted", "a", "c", "alarm"])
@pytest.mark.parametrize("ground", ["paper", "panel"])
def test_text_is_legible(theme, ink, ground):
    assert contrast(colours(theme)[ink], colours(theme)[ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("vision", VISION)
def test_states_are_told_apart_by_every_eye(theme, vision):
    seen = [lab(np.clip(VISION[vision] @ linear(colours(theme)[f"s-{state}"]), 0, 1)) for state in STATES]
    assert min(np.linalg.norm(one - other) for one, other in combinations(seen, 2)) >= 15


@pytest.mark.parametrize("theme", THEMES)
def test_the_two_answers_have_two_colours(theme):
    found = colours(theme)
    for vision in VISION.values():
        one, other = (lab(np.clip(vision @ linear(found[name]), 0, 1)) for name in ("a", "c"))
        assert np.linalg.norm(one - other) >= 15
