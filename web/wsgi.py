"""What gunicorn serves: `gunicorn web.wsgi:app`."""

import gc

from tcm.records.clock import utc_now
from tcm.store.engine import open_store
from web.app import create_app
from web.outboxes.choice import NoticeSettings, open_account
from web.settings import Settings

app = create_app(
    open_store(),
    Settings.from_environment(),
    wechat=open_account(NoticeSettings.from_environment(), utc_now),
)
# The facts stay as long as the process. Looked through for garbage, they now and then hold a page up for a
# quarter of a second.
gc.collect()
gc.freeze()
