"""What becomes of episodes as events come in."""

import pytest

from cairn.episodes.bag_error import BagError
from cairn.episodes.episode import Episode, Outcome, Verdict
from cairn.episodes.episode_log import EpisodeEvent, EpisodeLog
from cairn.hardware.episode_action import EpisodeAction


def told(*events):
    log = EpisodeLog()
    for stamp, (kind, *rest) in enumerate(events, 1):
        log.add(EpisodeEvent(kind, 10 * stamp, *rest))
    return log


def test_keep_and_discard_end_an_episode_and_say_what_becomes_of_it():
    log = told(
        (EpisodeAction.START, "", "to the shed"),
        (EpisodeAction.KEEP,),
        (EpisodeAction.START,),
        (EpisodeAction.DISCARD,),
    )
    first, second = log.episodes
    assert (first.name, first.start, first.end, first.verdict, first.task) == (
        "000", 10, 20, Verdict.KEPT, "to the shed",
    )  # fmt: skip
    assert (second.verdict, second.end, log.current) == (Verdict.DISCARDED, 40, None)


def test_a_new_start_ends_the_episode_under_way_undecided():
    log = told((EpisodeAction.START, "a"), (EpisodeAction.START, "b"))
    assert (log.episodes[0].end, log.episodes[0].verdict) == (20, Verdict.UNDECIDED)
    assert log.current is not None
    assert log.current.name == "b"


def test_success_judges_and_a_later_keep_does_not_move_the_end():
    log = told((EpisodeAction.START,), (EpisodeAction.SUCCESS,), (EpisodeAction.KEEP,))
    (episode,) = log.episodes
    assert (episode.outcome, episode.verdict, episode.end) == (Outcome.SUCCESS, Verdict.KEPT, 20)


def test_interventions_and_notes_are_gathered_while_it_goes_on():
    log = told(
        (EpisodeAction.START,),
        (EpisodeAction.INTERVENTION, "", "", "", "curb"),
        (EpisodeAction.MARK, "", "", "", "rain"),
    )
    assert log.current is not None
    assert (log.current.interventions, log.current.note, log.current.end) == ((20,), "curb\nrain", 0)


def test_what_speaks_of_no_episode_is_refused():
    with pytest.raises(BagError, match=r"no episode '' to keep; started were: none"):
        told((EpisodeAction.KEEP,))
    with pytest.raises(BagError, match="no episode 'b' to discard; started were: a"):
        told((EpisodeAction.START, "a"), (EpisodeAction.DISCARD, "b"))
    with pytest.raises(BagError, match="an episode a already"):
        told((EpisodeAction.START, "a"), (EpisodeAction.START, "a"))


def test_metadata_says_all_of_it_and_refuses_what_is_none():
    episode = Episode("7", 5, 9, Verdict.KEPT, Outcome.FAILURE, "t", "o", "n\nm", (6, 8))
    assert Episode.from_metadata({**episode.as_metadata(), "later": "x"}) == episode
    with pytest.raises(BagError, match="expected the description of an episode"):
        Episode.from_metadata({"name": "7", "start": "soon"})
