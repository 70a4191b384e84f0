"""What trainer and embedder share: corpora, units, models, batches, predictions and scores.

`corpus`, `scores` and `lexicon` need no torch; `units` needs `tokenizers`; `models` and what follows
it torch.
"""
