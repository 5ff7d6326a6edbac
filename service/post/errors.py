"""What may come instead of a receipt. No message quotes a login, a secret or what was to be said."""


class PostTrouble(Exception):
    """Something was not told, or nobody knows; `unclear`: it may have been."""

    unclear = False

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class PostRefused(PostTrouble):
    """A person must act: an address is wrong, a login is, a webhook leads elsewhere."""


class PostBusy(PostTrouble):
    """Not now: it certainly was not taken, and the same may be accepted later (greylisting, 429)."""


class PostUnreachable(PostTrouble):
    """No answer, or none that makes sense: back off. `unclear`: it may have been taken all the same."""

    def __init__(self, why: str, *, unclear: bool) -> None:
        super().__init__(why)
        self.unclear = unclear
