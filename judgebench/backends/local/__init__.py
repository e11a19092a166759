"""Models on this machine, with transformers and torch: generation and scores, over packs of prompts without padding.

settings   -J options              loading    a model's identity, then its weights
encoding   requests to tokens      packing    which tokens are computed together, and which only once
attention  over packs              packed     the engine: forward passes over packs
sampling   logits to answers       padded     transformers' own batches, for what cannot be packed
memory     how much fits           backend    all of it as one Backend
"""
