"""Stories of alerts that are told again until somebody says that they are at it."""

from tests.stories.story import Story, at, promise, timeline


def opened(**repeat: object) -> Story:
    alert = {"before": "1h", "repeat": {"every": "10m", **repeat}}
    story = Story(promise("resolution", "4h", alerts=[alert]))
    story.opened("Mon 09:00")
    return story


def test_an_alert_is_told_again_so_many_times() -> None:
    story = opened(times=3)
    assert timeline(story.runs_until("Mon 12:50")) == [
        ("Mon 12 12:00", "warn 1 h before"),
        ("Mon 12 12:10", "warn 1 h before"),
        ("Mon 12 12:20", "warn 1 h before"),
        ("Mon 12 12:30", "warn 1 h before"),
    ]


def test_once_somebody_acknowledges_it_is_told_no_more() -> None:
    story = opened(times=8)
    assert len(timeline(story.runs_until("Mon 12:15"))) == 2
    story.acknowledged("Mon 12:15")
    assert timeline(story.runs_until("Mon 12:55")) == []
    assert story.wakes_at() == at("Mon 13:00").replace(microsecond=1)


def test_who_acknowledged_before_it_began_is_told_of_it_all_the_same() -> None:
    story = opened(times=1)
    story.acknowledged("Mon 11:59")
    assert len(timeline(story.runs_until("Mon 12:15"))) == 2


def test_asleep_over_several_it_is_told_once() -> None:
    story = opened(times=3)
    sent = [e for e in story.pulse("Mon 12:25") if not getattr(e, "superseded", False)]
    assert sum(type(e).__name__ == "Warn" for e in sent) == 1
