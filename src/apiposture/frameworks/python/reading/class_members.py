"""What does an object of a known class hold, as its class says it?"""

from __future__ import annotations

from apiposture.model import ir
from apiposture.program import Program, walk
from apiposture.program.types import Slot, Type

OF_VIEWS = frozenset(
    """action action_map allow_empty args authentication_classes basename content_negotiation_class content_type context_object_name
    description detail filter_backends filterset_class filterset_fields form_class format_kwarg head http_method_names initkwargs
    kwargs lookup_field lookup_url_kwarg metadata_class model name object object_list ordering ordering_fields paginate_by paginator
    pagination_class parser_classes permission_classes pk_url_kwarg queryset renderer_classes request schema search_fields
    serializer_class settings slug_field slug_url_kwarg success_url suffix swagger_fake_view template_name throttle_classes
    throttle_scope versioning_class""".split()
)
"""Members that views of Django, REST framework and its extensions may have of their own."""


def constant_of(program: Program, declared: Type, name: str) -> Slot | None:
    """The member that a class sets for all its objects, where none of them sets it anew."""
    slot = program.slot(declared, name) if declared.kind != "module" else None
    if slot is None or slot.field.value is None or slot.field.getter is not None:
        return None
    own = (r for one in program.lineage(declared) for rs in one.functions.values() for r in rs if name in walk.uses(r.function))
    written = f"this.{name}"
    set_anew = any(
        isinstance(node, ir.Assign) and walk.dotted(node.target) == written for r in own for node in walk.nodes(r.function.body or ())
    )
    return None if set_anew else slot


def has(program: Program, declared: Type, name: str) -> bool | None:
    """Has an object of the class such a member? None where a class of a library may have it."""
    if program.slot(declared, name) is not None or program.methods(declared, name):
        return True
    of_library = any(base is None for base, _ in program.ancestors(declared))
    return None if of_library and (name in OF_VIEWS or name.startswith(("get_", "_"))) else False
