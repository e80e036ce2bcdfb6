"""All that the server knows of one person, as JSON: `ticketing-server export-user`."""

from .finding import ExportRefused as ExportRefused
from .writing import export_user as export_user
from .writing import new_file as new_file
