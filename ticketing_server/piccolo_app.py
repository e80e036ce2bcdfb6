"""What Piccolo's migrations know of this server."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from ticketing_server.tables import TABLES

PACKAGE = Path(__file__).parent

# The wheel carries the migrations inside the package; a checkout has them beside it.
INSIDE, BESIDE = PACKAGE / "piccolo_migrations", PACKAGE.parent / "piccolo_migrations"

APP_CONFIG = AppConfig(
    app_name="ticketing_server",
    migrations_folder_path=str(INSIDE if INSIDE.is_dir() else BESIDE),
    table_classes=TABLES,
    migration_dependencies=[],
)
