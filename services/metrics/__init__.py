"""The metrics service: how far apart languages lie, and how far each number can be trusted."""
