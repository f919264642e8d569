"""What gunicorn serves: `gunicorn web.wsgi:app`."""

from tcm.store.engine import open_store
from web.app import create_app
from web.settings import Settings

app = create_app(open_store(), Settings.from_environment())
