"""What the training of every policy needs: curves, checkpoints, devices, graphs, provenance."""
