"""Short messages by a gateway of the county's own: plain JSON that takes a key once; see docs/notices.md."""

import json
from dataclasses import dataclass

from tcm.records.errors import N_
from tcm.services.notifying import Letter
from web.jobs.notifying import OutboxError
from web.outboxes.calls import ask

CHANNEL = "gateway"
_TAKEN = (200, 201, 202)
# The same letter would be refused again.
_FOR_GOOD = (400, 413, 422)


@dataclass(frozen=True)
class GatewayOutbox:
    """Hands letters to a gateway.

    Args:
        url: Letters are posted there.
        token: Shown to it.
        timeout_s: Of one call.
    """

    url: str
    token: str
    timeout_s: float

    def take(self, letter: Letter) -> str:
        """Hand the letter on; the gateway lets a key go by that it has taken."""
        if not letter.phone:
            raise OutboxError(N_("没有留手机号"), for_good=True)
        body = {"key": letter.key, "phone": letter.phone, "text": letter.text, "kind": letter.kind.value}
        status, _answer = ask(
            self.url,
            self.timeout_s,
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                "Idempotency-Key": letter.key,
            },
            body=json.dumps(body, ensure_ascii=False).encode(),
        )
        if status in _TAKEN:
            return CHANNEL
        raise OutboxError(N_("服务商不收"), str(status), for_good=status in _FOR_GOOD)
