"""What happens to a shop when its merchant activates, opens, updates or deactivates the add-on (contract 2.3-2.7)."""

from simulator.lifecycle import Access, Caller, Door, Sent, Signs, Spoilt
from simulator.shop import ApiUser, Shop
from simulator.state import World


class Marketplace:
    """The platform's side of one add-on over all shops."""

    def __init__(self, world: World, caller: Caller) -> None:
        """`caller` makes and sends the requests; credentials live in the shops."""
        self.world = world
        self.caller = caller

    async def install(self, shop: Shop, *, language: str = "cs", again: bool = False) -> Sent:
        """Create the API user, tell the add-on, and take the user away again when it refuses.

        `again` repeats the activation of an active add-on with the credentials it has (2.7); otherwise they are new,
        the older ones and their webhooks are gone.
        """
        user = shop.addon_user if again else None
        fresh = user is None
        user = user or self.world.install(shop)
        body = self.caller.install(shop.token, self.access(shop, user), language=language)
        sent = await self.caller.send(Door.INSTALL, body)
        # A second installation may have overtaken this one; its user must stay.
        if fresh and not sent.ok and shop.addon_user is user:
            self.world.uninstall(shop)
        if sent.ok:
            shop.addon_version = int(self.caller.addon.version or 0)
        return sent

    async def open(self, shop: Shop, *, language: str = "cs") -> Sent:
        """Ask the add-on for the page to show (2.4)."""
        body = self.caller.open(shop.token, shop.addon_version, language=language)
        return await self.caller.send(Door.OPEN, body)

    async def uninstall(self, shop: Shop, *, lost: bool = False) -> Sent | None:
        """Take the API user and its webhooks away, whatever the add-on answers; `lost`: it is never told (2.5, T8)."""
        if lost:
            self.world.uninstall(shop)
            return None
        sent = await self.caller.send(Door.UNINSTALL, self.caller.uninstall(shop.token, shop.addon_version))
        self.world.uninstall(shop)
        return sent

    async def tell_blocked(self, shop: Shop) -> Sent:
        """Send an uninstallation although the API user stays (guess: B26, whether a block tells anybody)."""
        return await self.caller.send(Door.UNINSTALL, self.caller.uninstall(shop.token, shop.addon_version))

    async def reinstall(self, shop: Shop, *, language: str = "cs") -> Sent:
        """Deactivate and activate: new credentials, the same token (guess: B4)."""
        await self.uninstall(shop)
        return await self.install(shop, language=language)

    async def change_version(
        self, shop: Shop, version: int, *, signs: Signs = Signs.SHORT, new_key: bool = False
    ) -> Sent:
        """Tell the add-on which version the shop moves to; `new_key` hands out a new key for the same login.

        guess: B3; a user with `Signs.FULL` keeps its webhooks, only the key changes.
        """
        user = shop.addon_user
        if user is not None and new_key:
            user.key = f"{self.world.rng.getrandbits(128):032x}"
        access = self.access(shop, user) if user is not None and signs is Signs.FULL else None
        if signs is Signs.FULL and access is None:
            signs = Signs.SHORT
        body = self.caller.version(shop.token, version, signs=signs, access=access)
        sent = await self.caller.send(Door.VERSION, body)
        if sent.ok:
            shop.addon_version = version
        return sent

    async def spoilt(self, shop: Shop, door: Door, fault: Spoilt) -> Sent:
        """Send a request that is wrong on purpose; nothing changes in the shop."""
        access = Access(f"{shop.slug}-forged", "forged-key", self.world.api_url(shop))
        version = shop.addon_version
        body = {
            Door.INSTALL: lambda: self.caller.install(shop.token, access, language="cs", spoilt=fault),
            Door.OPEN: lambda: self.caller.open(shop.token, version, language="cs", spoilt=fault),
            Door.UNINSTALL: lambda: self.caller.uninstall(shop.token, version, spoilt=fault),
            Door.VERSION: lambda: self.caller.version(shop.token, version, signs=Signs.SHORT, spoilt=fault),
        }[door]()
        return await self.caller.send(door, body)

    async def replay(self, door: Door, *, of: Door, token: str) -> Sent | None:
        """Send the last body that went to the door `of` for this shop to `door` (2.2); None when there was none."""
        bodies = [sent.body for sent in self.caller.sent if sent.door is of and sent.body.get("token") == token]
        return await self.caller.send(door, bodies[-1]) if bodies else None

    def access(self, shop: Shop, user: ApiUser) -> Access:
        """Return what an installation hands over."""
        return Access(user.login, user.key, self.world.api_url(shop))
