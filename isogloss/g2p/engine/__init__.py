"""Grapheme-to-phoneme conversion without protobuf: `load(language, options)` gives a `Converter`."""
