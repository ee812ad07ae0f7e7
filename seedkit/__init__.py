"""seedkit keeps a corpus of text files ("seeds") honest and findable.

The command line is the public interface; ARCHITECTURE.md shows how the package is laid out.
"""
