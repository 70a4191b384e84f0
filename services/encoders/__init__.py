"""What trainer and embedder share: corpora, units, model families, models, batches, predictions and scores.

`corpus`, `families`, `scores` and `lexicon` need no torch; `units` and `vocabulary` need `tokenizers`;
`classifier`, `models` and what follows them torch.
"""

import os

# Snapshots are at hand as files; transformers, wherever it is imported, must not look for others on the hub.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["DISABLE_SAFETENSORS_CONVERSION"] = "1"
