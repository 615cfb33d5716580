"""``python -m ecorad``: the same as the ``ecorad`` command."""

from ecorad.cli import main

main()
