"""Rows for the warehouse tests: persons who each show one rule, and a crowd beside them."""

from __future__ import annotations

from typing import Any

from warehouse_kit import delivery, key

from pipelines.periods import month_number, month_text

Tables = dict[str, list[dict[str, Any]]]

VINTAGE = [
    delivery("a1", provider="a", period="2019-2020"),
    delivery("a2", provider="a", period="2021-2024"),
    delivery("b1", provider="b", period="2022-2024"),
    delivery("c1", provider="c", period="2019-2021"),
    delivery("x1", provider="x", period="2019-2024", status="aside"),
    delivery("y1", provider="y", period="2019-2024", country="YY"),
]


class Landing:
    """Rows to land, each written as a sentence: who, when, what."""

    def __init__(self) -> None:
        self.tables: Tables = {"vintage": VINTAGE}

    def add(self, table: str, delivery_id: str, **row: Any) -> None:
        self.tables.setdefault(table, []).append({"delivery_id": delivery_id, **row})

    def person(self, name: str, contact: str, delivery_id: str = "a1", **row: Any) -> None:
        self.add("persons", delivery_id, person_key=key(name), first_contact_month=contact, **row)

    def episode(
        self, name: str, start: str, end: str | None = None, delivery_id: str = "a1", **row: Any
    ) -> None:
        number = len(self.tables.get("support_episodes", []))
        row = {"episode_key": key(number), "exit_reason": "completed" if end else None, **row}
        self.add(
            "support_episodes",
            delivery_id,
            person_key=key(name),
            start_month=start,
            end_month=end,
            **row,
        )

    def event(
        self, name: str, month: str, event_type: str, delivery_id: str = "a1", **row: Any
    ) -> None:
        number = len(self.tables.get("case_events", []))
        self.add(
            "case_events",
            delivery_id,
            person_key=key(name),
            event_key=key(number),
            event_month=month,
            recorded_month=month,
            event_type=event_type,
            **row,
        )


def landed() -> Tables:
    """Named persons who each show one rule, and a crowd that fills the indicators."""
    rows = Landing()
    for name, delivery_id in (("a", "a1"), ("b", "b1"), ("c", "c1"), ("y", "y1")):
        rows.add("providers", delivery_id, kind="ngo", region=name, observed_from="2019-01")

    rows.person("updated", "2019-03", sex="female", exploitation_form="labour;sexual")
    rows.person("updated", "2019-03", "a2", sex="male", exploitation_form="labour")
    rows.episode("updated", "2020-11", episode_key=key("updated"))
    rows.episode("updated", "2020-11", "2021-02", "a2", episode_key=key("updated"))

    rows.person("aside", "2019-03", "x1")
    rows.person("contradicted", "2022-05", "a2", sex="female", age_band="unknown")
    rows.person("contradicted", "2022-05", "b1", sex="male", age_band="25-34")
    rows.person("changed", "2019-05", "a1", sex="female")
    rows.person("changed", "2022-05", "b1", sex="male")

    rows.person("joined", "2019-01")
    for start, end, reason in (
        ("2019-01", "2019-04", "transferred"),
        ("2019-06", "2019-08", "completed"),
        ("2019-11", "2019-12", "independent"),
    ):
        rows.episode("joined", start, end, exit_reason=reason)

    rows.person("silent", "2019-01")
    rows.event("silent", "2019-07", "follow_up")
    rows.event("silent", "2020-02", "follow_up")
    rows.event("silent", "2020-06", "remedy_claimed", claim_key=key("silent"))
    for name, died in (("seen", "2019-06"), ("unseen", "2019-09")):
        rows.person(name, "2019-01")
        rows.event(name, died, "died")
    rows.person("recent", "2024-06", "a2")
    rows.person("stopped", "2021-10", "c1")
    rows.event("stopped", "2021-12", "follow_up", "c1")
    rows.person("late", "2021-01", "b1")
    rows.episode("late", "2021-01", "2021-05", "b1")
    rows.event("late", "2022-03", "follow_up", "b1")

    rows.person("secure", "2019-01", residence_at_first_contact="irregular")
    rows.event("secure", "2019-02", "residence_granted", subject="temporary")
    rows.event("secure", "2019-05", "residence_ended")
    rows.event("secure", "2019-05", "residence_granted", subject="protection")
    rows.event("secure", "2020-05", "residence_ended")

    rows.person("paid", "2019-01")
    claim = {"claim_key": key("paid"), "currency": "EUR"}
    rows.event("paid", "2019-02", "remedy_claimed", channel="labour", **claim)
    rows.event("paid", "2019-06", "remedy_decided", outcome="granted", amount=100, **claim)
    for amount, month in ((40, "2019-07"), (60, "2020-01")):
        rows.event("paid", month, "remedy_paid", amount=amount, **claim)
    rows.person("paid", "2022-01", "b1")
    rows.event("paid", "2019-07", "remedy_paid", "b1", amount=40, **claim)

    rows.person("alone", "2020-01", "y1")
    for number in range(900):
        crowd(rows, number)
    return rows.tables


def crowd(rows: Landing, number: int) -> None:
    """One of many unremarkable persons; which of them meets what is a matter of arithmetic."""
    name, start = f"p{number}", month_number("2019-01") + number % 36
    at = [month_text(start + months) for months in range(36)]
    sex, residence = (
        ("female", "male", "unknown")[number % 3],
        ("irregular", "temporary")[number % 2],
    )
    # What happened before 2021 lies in the first delivery, what came later in the second.
    for delivery_id in ("a1", "a2"):
        rows.person(name, at[0], delivery_id, sex=sex, residence_at_first_contact=residence)

    def tell(months: int, event_type: str, **row: Any) -> None:
        rows.event(name, at[months], event_type, "a1" if at[months] < "2021" else "a2", **row)

    rows.episode(name, at[0], at[3 + number % 7], "a2")
    for months in range(0, 4 * (1 + number % 8), 4):
        tell(months, "follow_up")
    if number % 5 == 0:
        tell(10 + number % 3, "retrafficked", outcome="service_recorded")
        rows.episode(name, at[15], at[18 + number % 4], "a2", exit_reason="independent")
        tell(19, "follow_up")
    if number % 11 == 0:
        tell(14, "removed")
    if number % 4 == 0:
        tell(9, "residence_granted", subject="permanent")
        tell(2, "rights_information_given")
