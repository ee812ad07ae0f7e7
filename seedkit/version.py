"""Which seedkit is this? Read by the build and by `seedkit --version`; imports nothing."""

__version__ = "0.1.0"
