"""Between the messages of metrics.proto and the engine: one module per kind of gap, `request → response`
each.

A converter reads what the request names, calls the engine once and lays its result out; no arithmetic.
"""
