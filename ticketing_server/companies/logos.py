"""A company's logo: two files and two columns, never the one without the other (rulings 6.5).

The files are stored before the transaction that claims them; a trigger puts those that a row lets
go of on the list of files to remove.
"""

from msgspec import UNSET, UnsetType

from ticketing_server.core.media.files import Storage
from ticketing_server.core.media.picture_forms import PictureField
from ticketing_server.core.media.pictures import Picture
from ticketing_server.core.media.unclaimed import claim

FOLDER = "company_logos"
IN_FORM = PictureField("logo", FOLDER)


async def store(storage: Storage, logo: Picture | None | UnsetType) -> None:
    if logo is not None and logo is not UNSET:
        await logo.store(storage)


async def claimed(logo: Picture | None) -> dict[str, str | None]:
    """What the company's row is to say. Raises Conflict when the files were kept for too long."""
    if logo is None:
        return {"logo": None, "logo_thumbnail": None}
    await claim(*logo.paths)
    return {"logo": logo.path, "logo_thumbnail": logo.thumbnail_path}
