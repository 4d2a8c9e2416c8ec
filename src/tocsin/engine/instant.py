"""Instants and lengths: aware datetimes outside; inside, positions since 1970 in UTC."""

import datetime as dt

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)


def since_epoch(instant: dt.datetime) -> dt.timedelta:
    """Return the position of an aware datetime; ValueError for a naive one."""
    try:
        return instant - EPOCH
    except TypeError:
        raise refusal(instant) from None


def micros(instant: dt.datetime) -> int:
    """Return the UTC microseconds since 1970 of an aware datetime; ValueError for a naive one."""
    return since_epoch(instant) // MICROSECOND


def position(micros_: int) -> dt.timedelta:
    """Return the position of UTC microseconds since 1970."""
    return dt.timedelta(0, 0, micros_)


def utc(instant: dt.datetime) -> dt.datetime:
    """Return the same instant in UTC; ValueError for a naive datetime."""
    return EPOCH + since_epoch(instant)


def refusal(instant: object) -> Exception:
    """Return the error for what is no instant: a naive datetime, or no datetime at all."""
    if isinstance(instant, dt.datetime):
        return ValueError(
            f"{instant.isoformat(sep=' ')} is a naive datetime: it names no instant; "
            "give it a time zone (tzinfo)"
        )
    return TypeError(f"expected an aware datetime, got {type(instant).__name__}")
