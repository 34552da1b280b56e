"""`python -m katalod` is `katalod`."""

from katalod.cli import main

if __name__ == "__main__":
    main()
