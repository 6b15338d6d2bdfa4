"""Invitations, accounts and passphrases.

The rule: nobody registers; an invitation makes one account, once, within its days. A passphrase is
checked by Argon2id (RFC 9106), also for a name that does not exist, so that the time taken does not
tell which names do. A member's passphrase unlocks, besides, the key to their voting envelopes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy.orm import Session

from dashboards.portal.forms import NotTaken
from dashboards.portal.tables import Account, Invitation
from pipelines.participation import electorate, permissions
from pipelines.participation.models import random_key
from pipelines.participation.people import Actor, Refused, Role
from pipelines.participation.tokens import new_member_keys, new_token, normalised, unlock_key

INVITATION_DAYS = 14
SHORTEST_PASSPHRASE = 12
LONGEST_PASSPHRASE = 256
LONGEST_HANDLE = 40
_HASHER = PasswordHasher()  # the first recommended set of argon2-cffi: Argon2id, 64 MiB
_NOBODY = _HASHER.hash(secrets.token_hex(16))


def invite(session: Session, role: Role, country: str, day: dt.date, *, member_id: str = "") -> str:
    """A new invitation's code, shown this once. A seat's earlier invitation ends with it."""
    if role is Role.COUNCIL_MEMBER:
        if electorate.find_member(session, member_id).country != country:
            raise Refused("the seat is another country's")
        session.execute(sa.delete(Invitation).where(Invitation.member_id == member_id))
    code = new_token()
    session.add(
        Invitation(
            code=_digest(code),
            role=role,
            country=country,
            member_id=member_id,
            ends_on=day + dt.timedelta(days=INVITATION_DAYS),
        )
    )
    return code


def invite_to_seat(session: Session, actor: Actor, member_id: str, day: dt.date) -> str:
    """The secretary invites the holder of a seat that has no account yet."""
    permissions.check_opens(actor)
    if member_id in with_account(session, actor.country):
        raise Refused("this seat has an account already")
    return invite(session, Role.COUNCIL_MEMBER, actor.country, day, member_id=member_id)


def with_account(session: Session, country: str) -> set[str]:
    """The seats of a country whose holder has an account."""
    return set(session.scalars(sa.select(Account.member_id).where(Account.country == country)))


def accept(
    session: Session, code: str, handle: str, passphrase: str, day: dt.date
) -> tuple[Account, bytes]:
    """Make the account that an invitation is for, and use the invitation up.

    Returns the account and the member's private key (empty for other roles). NotTaken when the
    code, the name or the passphrase can't be taken.
    """
    handle = _handle(handle)
    if not SHORTEST_PASSPHRASE <= len(passphrase) <= LONGEST_PASSPHRASE:
        raise NotTaken("invitation.passphrase_length")
    try:
        found = session.get(Invitation, _digest(code), with_for_update=True)
    except Refused:
        found = None
    if found is None or day > found.ends_on:
        raise NotTaken("invitation.not_valid")
    if not handle or len(handle) > LONGEST_HANDLE or _find(session, handle) is not None:
        raise NotTaken("invitation.handle_taken")
    account = Account(
        id=random_key(),
        handle=handle,
        role=found.role,
        country=found.country,
        member_id=found.member_id,
        passphrase=_HASHER.hash(passphrase),
    )
    private_key = b""
    if found.member_id:
        public_key, locked_key = new_member_keys(passphrase)
        electorate.set_keys(session, found.member_id, public_key, locked_key)
        private_key = unlock_key(locked_key, passphrase)
    session.add(account)
    session.delete(found)
    return account, private_key


def check_passphrase(account: Account | None, passphrase: str) -> bool:
    """Whether it is the account's; takes as long where there is no account."""
    try:
        return _HASHER.verify(account.passphrase if account else _NOBODY, passphrase) and (
            account is not None
        )
    except (VerifyMismatchError, InvalidHashError):
        return False


def private_key_of(session: Session, account: Account, passphrase: str) -> bytes:
    """The member's key to their envelopes; empty for other roles."""
    if not account.member_id:
        return b""
    locked = electorate.find_member(session, account.member_id).locked_key
    return unlock_key(locked, passphrase) if locked else b""


def find_account(session: Session, handle: str) -> Account | None:
    """The account of a name as it was typed."""
    return _find(session, _handle(handle))


def actor_of(session: Session, account_id: str) -> Actor | None:
    """Who an account acts as; None when it has ended, or its member has left."""
    account = session.get(Account, account_id)
    if account is None:
        return None
    if not account.member_id:
        return Actor(Role(account.role), account.country, account.id)
    member = electorate.find_member(session, account.member_id)
    return None if member.left else electorate.member_actor(member)


def _find(session: Session, handle: str) -> Account | None:
    return session.scalar(sa.select(Account).where(Account.handle == handle))


def _handle(typed: str) -> str:
    return " ".join(typed.split()).casefold()


def _digest(code: str) -> str:
    return hashlib.sha256(normalised(code)).hexdigest()
