"""What `migrate` knows of this plugin."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from .tables import Target

APP_CONFIG = AppConfig(
    app_name="sla_watch",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=[Target],
    migration_dependencies=["ticketing_server.piccolo_app"],
)
