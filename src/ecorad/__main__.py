"""``python -m ecorad``: the same as the ``ecorad`` command."""

from ecorad.cli import main

# Worker processes import this module again, under another name.
if __name__ == "__main__":
    main()
