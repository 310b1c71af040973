"""Every example in a docstring of the measurement engine runs, and every module with functions has one."""

import doctest
import importlib
import pkgutil

import pytest

from calibration import measurement

MODULES = sorted(
    each.name
    for each in pkgutil.walk_packages(measurement.__path__, measurement.__name__ + ".")
    if not each.ispkg
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name):
    found = doctest.testmod(importlib.import_module(name))
    assert found.failed == 0


def test_most_modules_show_an_example():
    finder = doctest.DocTestFinder()
    without = [
        name for name in MODULES
        if not any(each.examples for each in finder.find(importlib.import_module(name)))
    ]  # fmt: skip
    assert len(without) < len(MODULES) / 4, without
