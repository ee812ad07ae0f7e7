"""What tests share: corpora and commands, oracles, damage."""
