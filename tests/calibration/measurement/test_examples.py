"""The examples in the docstrings of the measurement code run and print what they say."""

import doctest
import importlib
import pkgutil

import pytest

from calibration import measurement

MODULES = [f"calibration.measurement.{module.name}" for module in pkgutil.iter_modules(measurement.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name):
    found = doctest.testmod(importlib.import_module(name))
    assert found.attempted > 0, f"{name} shows no example"
    assert found.failed == 0
