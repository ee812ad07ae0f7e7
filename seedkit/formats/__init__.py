"""Delimiter formats: what a seed file looks like, declared in TOML.

`spec` is the language (pydantic), `load` reads it, `layout` is its compiled form and `parser`
cuts texts up by it. A built-in format is a file in `builtin/`.
"""
