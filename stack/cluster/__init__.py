"""What an operator asks of the manifests before they are applied: what they need, and what a cluster lacks.

By `kubectl` alone: nothing here speaks with a cluster by itself.
"""
