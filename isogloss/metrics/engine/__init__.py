"""The arithmetic of Isogloss's measures: numpy in, numbers out. No protobuf, no storage, no torch.

Arrays are validated by `checks` before any arithmetic; every failure is an `isogloss.errors.InvalidInput`
that names the field, or an `isogloss.errors.Failed` where the numbers themselves came to a bad end.
"""
