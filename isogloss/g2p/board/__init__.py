"""How right a G2P is: gold, tools, one folding of notation for all, and scores with intervals."""
