"""``python -m ecorad`` and the ``ecorad`` command."""


def main() -> None:
    """Run the command line.

    It is imported here and not above, because processes that read inputs import this module too and need none of it.
    """
    from ecorad.cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()
