"""The checks behind the rules that `seedkit.core.rules` lists, and their manual pages."""
