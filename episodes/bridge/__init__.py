"""Demonstrations of Bridge Data: raw directories, out.npy and RLDS, read and written without TensorFlow."""
