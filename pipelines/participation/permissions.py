"""May this person? Each rule is one ``check_x`` that raises and one ``can_x`` that wraps it.

The rule: a permission looks at the actor alone; whether the thing may happen now is a policy
(``policies``). The State appears in one permission that changes anything: it may answer.
"""

from __future__ import annotations

from collections.abc import Callable

from pipelines.participation.people import COUNCIL, Actor, Refused, Role


class NotPermitted(Refused, PermissionError):
    """The person may not do this, whatever the state of the review."""


def passes(check: Callable[..., None], *arguments: object) -> bool:
    """Whether a check lets its arguments through."""
    try:
        check(*arguments)
    except Refused:
        return False
    return True


def check_country(actor: Actor, country: str) -> None:
    """Everybody acts in their own country only."""
    if actor.country != country:
        raise NotPermitted(f"this belongs to {country}: sign in to the council of that country")


def check_votes(actor: Actor) -> None:
    """Members vote; the secretary serves them and does not."""
    _only(actor, "vote", Role.COUNCIL_MEMBER)


def can_vote(actor: Actor) -> bool:
    """Whether ``check_votes`` lets the actor through."""
    return passes(check_votes, actor)


def check_enters_paper(actor: Actor) -> None:
    """Paper ballots are entered by the secretaries."""
    _only(actor, "enter paper ballots", Role.COUNCIL_SECRETARY)


def can_enter_paper(actor: Actor) -> bool:
    """Whether ``check_enters_paper`` lets the actor through."""
    return passes(check_enters_paper, actor)


def check_opens(actor: Actor) -> None:
    """The council's secretary plans and opens a review."""
    _only(actor, "open a review", Role.COUNCIL_SECRETARY)


def can_open(actor: Actor) -> bool:
    """Whether ``check_opens`` lets the actor through."""
    return passes(check_opens, actor)


def check_in_council(actor: Actor) -> None:
    """What the council says among itself is for its members and secretary."""
    _only(actor, "take part in the council's discussion", *COUNCIL)


def can_join_council(actor: Actor) -> bool:
    """Whether ``check_in_council`` lets the actor through."""
    return passes(check_in_council, actor)


def check_answers(actor: Actor) -> None:
    """The authority answers the council."""
    _only(actor, "answer for the State", Role.AUTHORITY)


def can_answer(actor: Actor) -> bool:
    """Whether ``check_answers`` lets the actor through."""
    return passes(check_answers, actor)


def check_answers_council(actor: Actor) -> None:
    """Items of the agenda and requests are answered by the rapporteur or an engineer."""
    _only(actor, "answer the council", Role.RAPPORTEUR, Role.ENGINEER)


def can_answer_council(actor: Actor) -> bool:
    """Whether ``check_answers_council`` lets the actor through."""
    return passes(check_answers_council, actor)


def check_speaks_for_council(actor: Actor) -> None:
    """Only the member whom the council chose speaks for it."""
    if actor.role is not Role.COUNCIL_MEMBER or not actor.delegate:
        raise NotPermitted("only the council's delegate or alternate speaks for it: ask them")


def can_speak_for_council(actor: Actor) -> bool:
    """Whether ``check_speaks_for_council`` lets the actor through."""
    return passes(check_speaks_for_council, actor)


def check_acts_jointly(actor: Actor) -> None:
    """Settings, membership, dates and withdrawals: council and rapporteur, never the State."""
    if actor.role is not Role.RAPPORTEUR:
        check_speaks_for_council(actor)


def can_act_jointly(actor: Actor) -> bool:
    """Whether ``check_acts_jointly`` lets the actor through."""
    return passes(check_acts_jointly, actor)


def check_is_rapporteur(actor: Actor) -> None:
    """The rapporteur alone, outside any ministry."""
    _only(actor, "act as rapporteur", Role.RAPPORTEUR)


def can_act_as_rapporteur(actor: Actor) -> bool:
    """Whether ``check_is_rapporteur`` lets the actor through."""
    return passes(check_is_rapporteur, actor)


def check_keeps_pay(actor: Actor) -> None:
    """The secretary keeps the log of paid hours."""
    _only(actor, "keep the log of payments", Role.COUNCIL_SECRETARY)


def can_keep_pay(actor: Actor) -> bool:
    """Whether ``check_keeps_pay`` lets the actor through."""
    return passes(check_keeps_pay, actor)


def check_requests_change(actor: Actor) -> None:
    """Whoever sees a figure before release may ask to change it; each such request is published."""
    _only(actor, "ask to change a figure", Role.AUTHORITY, Role.RAPPORTEUR, Role.ENGINEER)


def can_request_change(actor: Actor) -> bool:
    """Whether ``check_requests_change`` lets the actor through."""
    return passes(check_requests_change, actor)


def _only(actor: Actor, what: str, *roles: Role) -> None:
    if actor.role not in roles:
        raise NotPermitted(
            f"the role {actor.role} may not {what}: that is for {' or '.join(roles)}"
        )
