"""The sample corpus in a mirror's layout, and the grammar that generates it (see README.md)."""
