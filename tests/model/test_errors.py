"""The family of errors: drawn as it is, one stable code each."""

from __future__ import annotations

import re

import pytest

from ecorad.model import EcoradError, errors

FAMILY = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, EcoradError)]


def test_the_drawing_shows_every_error_with_its_code():
    drawn = dict(re.findall(r"[*x+-] (\w+Error)(?: \(\w+\))?\s+(ecorad\.[\w.]+)", errors.__doc__ or ""))
    assert drawn == {kind.__name__: kind.code for kind in FAMILY}


@pytest.mark.parametrize("kind", FAMILY)
def test_an_error_tells_its_code(kind):
    assert str(kind("so it is")) == f"so it is [{kind.code}]"
    assert kind("so", code="ecorad.more.exact").code == "ecorad.more.exact"
    assert kind.code != "ecorad.more.exact"


def test_a_caller_may_catch_the_built_in_kind():
    assert issubclass(errors.InputError, ValueError)
    assert issubclass(errors.FactorNotFoundError, LookupError)
