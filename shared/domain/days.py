"""Days in the profile's own time zone, daylight saving included. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """Return the calendar day on which `moment` (aware) falls in `zone`."""
    return moment.astimezone(zone).date()


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """Return the first moment of `day` in `zone`, in UTC.

    Where clocks skip midnight the day begins at the skip; where midnight comes twice it begins at the first.
    """
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the stretch [start, end) of `day` in UTC: 23 to 25 hours long, or empty where the zone skipped it."""
    return day_start(day, zone), day_start(day + timedelta(days=1), zone)
