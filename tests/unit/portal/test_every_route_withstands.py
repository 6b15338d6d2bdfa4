"""Hypothesis on every route: whatever is sent, no error that nobody foresaw, and no trace."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboards.portal.routes import ROUTES, Entry
from tests.portal_kit import INDICATOR, World, form_key

WHO = {"/seats": "heron", "/paper": "heron", "/open": "heron", "/engineer": "lathe"}
NASTY = st.sampled_from(
    [
        "", "0", "-1", "99999999999999999999", "../../etc/passwd", "..%2f..%2fkeys", "\x00",
        "'; drop table portal_accounts; --", "{{ 7*7 }}", "<script>alert(1)</script>",
        "=cmd|' /C calc'!A0", "\u202e", "\U0001f600" * 50, "a" * 5000, "endorse", "yes", "harm",
        "9999-12-31", "٣",
    ]
)  # fmt: skip
TEXT = NASTY | st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40)


@st.composite
def places(draw: st.DrawFn, world: World) -> dict[str, str]:
    return {
        "review": draw(st.just(world.review_id) | TEXT),
        "indicator": draw(st.just(INDICATOR) | TEXT),
        "chart": draw(st.just("trend") | TEXT),
        "code": draw(st.just("en") | TEXT),
        "name": draw(TEXT),
        "number": draw(st.just("1") | TEXT),
        "act": draw(TEXT),
    }


def _who(entry: Entry) -> str:
    if entry.path.endswith("/answer"):
        return "ministry" if "indicators" in entry.path else "river"
    if entry.path.startswith(("/settings", "/register")):
        return "ministry" if entry.path.endswith("/reply") else "river"
    if entry.path.endswith("/request"):
        return "ministry"
    return next((who for end, who in WHO.items() if entry.path.endswith(end)), "member 0")


@pytest.mark.parametrize(
    "entry",
    [entry for entry in ROUTES if entry.path not in ("/leave", "/sign-out", "/seat/leave")],
    ids=lambda entry: entry.name,
)
def test_nothing_that_is_sent_breaks_a_route(world: World, entry: Entry) -> None:
    world.portal.limits.address.most = world.portal.limits.invitation.most = 10**6
    client = world.client() if entry.path in ("/sign-in", "/invitation") else None
    client = client or world.signed_in(_who(entry))

    @settings(
        max_examples=8,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(place=places(world), form=st.fixed_dictionaries(dict.fromkeys(entry.fields, TEXT)))
    def holds(place: dict[str, str], form: dict[str, str]) -> None:
        path = entry.path.format(**{name: quote(text, safe="") for name, text in place.items()})
        if entry.method == "GET":
            answer = client.get(path, params={"back": form.get("text", "//x"), "code": path})
        else:
            key = form_key(client.get("/invitation"))
            answer = client.post(path, data={**form, "form_key": key})
        assert answer.status_code < 500, answer.text
        assert "Traceback" not in answer.text

    holds()
