"""The tables as Piccolo Admin is given them: classes that have the shown columns and no others.

So nothing that is left out can be selected, filtered, ordered, exported or reached over a
reference, whatever is asked.
"""

# pyright: reportPrivateUsage=false
# `_meta` is where Piccolo describes its tables.

from typing import Any, cast

from piccolo.columns import Column, ForeignKey
from piccolo.columns.readable import Readable
from piccolo.table import Table, create_table_class

from ticketing_server.admin.choices import CHOICES
from ticketing_server.admin.shown import SHOWN, Shown, columns_of
from ticketing_server.admin.writable import door_of
from ticketing_server.core.db import DB

Classes = dict[type[Table], type[Table]]


def shown_classes() -> Classes:
    """For each table, the class through which it is shown."""
    classes: Classes = {}
    for shown in SHOWN:
        classes[shown.table] = _class_of(shown, classes)
    return classes


def _class_of(shown: Shown, classes: Classes) -> type[Table]:
    def get_readable(table: type[Table]) -> Readable:
        template, names = shown.name
        return Readable(template=template, columns=columns_of(table, names))

    columns = {column._meta.name: _shown(column, classes) for column in shown.own_columns()}
    return create_table_class(
        shown.table.__name__,
        class_kwargs={"tablename": shown.table._meta.tablename, "db": DB},
        class_members={**columns, "get_readable": classmethod(get_readable)},
    )


def _shown(own: Column, classes: Classes) -> Column:
    """A column like the table's own, that points only at what is shown."""
    table, name = own._meta.table, own._meta.name
    column = _pointing(own, classes) if isinstance(own, ForeignKey) else own.copy()
    column._meta.choices = CHOICES.get((table, name))
    column._meta.help_text = door_of(table._meta.tablename).explains(name)
    return column


def _pointing(own: Any, classes: Classes) -> Column:
    target: type[Table] = own._foreign_key_meta.resolved_references
    aim = "self" if target is own._meta.table else classes[target]
    return cast(Any, ForeignKey)(aim, null=own._meta.null)
