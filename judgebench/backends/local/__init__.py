"""Models on this machine, with transformers and torch: generation and scores, over packs of prompts without padding.

settings   -J options                                 loading    a model's identity, then its weights
encoding   requests to tokens                         packing    which tokens are computed together, and which once
plan       the rows of a forward pass, and how        spans      attention within them, by the kernels at hand
           transformers is made to use them           packed     the engine: forward passes over packs
sampling   logits to answers                          padded     transformers' own batches, for what cannot be packed
options    how likely each option of a request is     memory     how much fits
probe      whether a model can be packed: tried       backend    all of it as one Backend
"""
