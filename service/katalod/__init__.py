"""katalod publishes a library's or repository's catalogue as linked open data."""

__version__ = "0.1.0"
