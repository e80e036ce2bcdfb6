"""The twin for gunicorn, in threads: `--threads 4` on one worker.

At 16 connections they answer about a twentieth more than a sync worker: Python is what is short,
and one thread runs while another waits for the database. More than four gain nothing.
"""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.twins.django_rest.settings")

application = get_wsgi_application()
