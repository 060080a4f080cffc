"""The column maps of a service, as an importer may choose them."""

from collections.abc import Sequence

from shared.institution.imports.column_map import MapBroken, list_maps
from shared.institution.imports.drafts import require_fits, wanted_columns
from shared.institution.models.imports import ImportMap
from shared.institution.node import Node
from shared.institution.operations.imports.receiving import kept_of


def listed(node: Node) -> Sequence[ImportMap]:
    """Return every map by name; what does not hold, or does not fit this institution, says why."""
    found = []
    for name, column_map in list_maps(node.settings.import_maps).items():
        if isinstance(column_map, MapBroken):
            found.append(ImportMap(name=name, problem=column_map.detail))
            continue
        said = ImportMap(
            name=name,
            title=column_map.title,
            system=column_map.system,
            kinds=[record.kind for record in column_map.records],
            columns=wanted_columns(column_map),
        )
        try:
            require_fits(column_map, kept_of(node))
        except MapBroken as failure:
            said.problem = failure.detail
        found.append(said)
    return found
