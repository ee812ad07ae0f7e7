"""`python -m seedkit` is the `seedkit` command."""

import sys

from seedkit.cli import main

sys.exit(main())
