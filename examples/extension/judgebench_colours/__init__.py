"""What a distribution can bring to judgebench: a judge, a benchmark, a prompt, a parser, a rule and a metric."""

COLOURS = ("red", "green", "blue", "black", "white", "brown", "pink", "grey")
OTHERS = ("bread", "chair", "river", "stone", "paper", "horse", "cloud", "spoon")
