"""``python -m ecorad``: the same as the ``ecorad`` command."""

# Worker processes import this module again, under another name: they need no command line.
if __name__ == "__main__":
    from ecorad.cli import main

    main()
