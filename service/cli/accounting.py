"""The commands about accounts and their tokens."""

import argparse

from service import accounts
from service.cli.plain import OK, Commands, add, fail, say
from service.flows import hang
from service.rig import Rig


def add_commands(commands: Commands) -> None:
    """Add the commands about accounts and their tokens."""
    add(commands, "accounts", show_accounts, "every account with its tokens")
    create = add(commands, "account-create", create_account, "open an account, for example of a warehouse")
    create.add_argument("kind", choices=[kind.value for kind in accounts.Kind])
    create.add_argument("name")
    create.add_argument("--email")
    create.add_argument("--phone")
    pair = add(commands, "account-pair", pair_account, "hang a tenant on an account; its kind decides in which role")
    pair.add_argument("tenant")
    pair.add_argument("account")
    token = add(commands, "token-create", create_token, "make a token of an account; it is shown once")
    token.add_argument("account")
    token.add_argument("label")
    revoke = add(commands, "token-revoke", revoke_token, "let a token open nothing any more")
    revoke.add_argument("account")
    revoke.add_argument("token")


def show_accounts(tools: Rig, _: argparse.Namespace) -> int:
    """Print every account and its tokens; the secrets are not known any more."""
    with tools.db.tx_all("a list of all accounts") as conn:
        for account in accounts.everyone(conn):
            say(account.account_id, account.kind.value, account.person.name, account.person.email)
            for token in accounts.tokens(conn, account.account_id):
                say("  ", token.token_id, token.label, f"{token.created_at:%F}", "revoked" if token.revoked_at else "")
    return OK


def create_account(tools: Rig, arguments: argparse.Namespace) -> int:
    """Open an account and print its id."""
    person = accounts.Person(name=arguments.name, email=arguments.email, phone=arguments.phone)
    say(hang.open_account(tools, accounts.Kind(arguments.kind), person))
    return OK


def pair_account(tools: Rig, arguments: argparse.Namespace) -> int:
    """Hang a tenant on an account."""
    try:
        hang.run(tools, arguments.tenant, arguments.account)
    except LookupError as unknown:
        return fail(str(unknown.args[0]))
    say(arguments.tenant, "hangs on", arguments.account)
    return OK


def create_token(tools: Rig, arguments: argparse.Namespace) -> int:
    """Print a new token; it is not stored and cannot be shown again."""
    try:
        token = hang.add_token(tools, arguments.account, label=arguments.label)
    except LookupError as unknown:
        return fail(str(unknown.args[0]))
    say(token.secret)
    return OK


def revoke_token(tools: Rig, arguments: argparse.Namespace) -> int:
    """Revoke a token by the id that `accounts` shows."""
    if not hang.revoke(tools, arguments.account, token_id=arguments.token):
        return fail(f"{arguments.account} has no token {arguments.token} that could be revoked")
    say("revoked", arguments.token)
    return OK
