"""How we know that scores mean the same thing for every scorer, task and district.

Calibration looks at scoring; scoring never looks at calibration. Nothing in `scoring/` may import this
package, apart from `scoring/__init__.py`, which puts the application together.
"""
