"""Encoders at real size and what they read, for bench/gpu.py."""
