"""What every other package builds on: texts, places, findings, patterns. It knows no corpus."""
