"""The episodes of several bags as those of one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from cairn.episodes.bag_reader import BagReader
from cairn.episodes.distinct_names import distinct_name
from cairn.episodes.episode_piece import EpisodePiece, read_pieces


def merged_episodes(bags: Iterable[tuple[str, BagReader]]) -> list[tuple[str, str, EpisodePiece]]:
    """Episodes under distinct names, pieces of one that adjoin put together.

    Args:
        bags: names and readers, in the order in which names are given.

    Returns the name of the bag, the episode's name in it, and the episode, by start.
    """
    found = [(bag, piece) for bag, reader in bags for piece in read_pieces(reader)]
    found.sort(key=lambda entry: entry[1].episode.start)
    joined: list[tuple[str, EpisodePiece]] = []
    for bag, piece in found:
        for place, (owner, earlier) in enumerate(joined):
            if (both := earlier.join(piece)) is not None:
                joined[place] = (owner, both)
                break
        else:
            joined.append((bag, piece))
    merged: list[tuple[str, str, EpisodePiece]] = []
    taken: set[str] = set()
    for bag, piece in joined:
        old = piece.episode.name
        name = distinct_name(old, taken)
        taken.add(name)
        merged.append((bag, old, replace(piece, episode=replace(piece.episode, name=name))))
    return merged
