"""What gunicorn serves: `gunicorn web.wsgi:app`."""

import gc

from tcm.store.engine import open_store
from web.app import create_app
from web.settings import Settings

app = create_app(open_store(), Settings.from_environment())
# The facts stay as long as the process. Looked through for garbage, they now and then hold a page up for a
# quarter of a second.
gc.collect()
gc.freeze()
