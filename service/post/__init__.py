"""How we tell people something: mails by SMTP, webhooks by HTTPS. Both fail in the three words of every neighbour."""

from service.post.errors import PostBusy, PostRefused, PostTrouble, PostUnreachable

__all__ = ["PostBusy", "PostRefused", "PostTrouble", "PostUnreachable"]
