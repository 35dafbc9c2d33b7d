"""What does a standard's mapping say, in text?"""

from __future__ import annotations

from apiposture.evidence.standards import Standard, load, names


def as_list() -> str:
    """One line a standard."""
    found = [load(name) for name in names()]
    rows = [(each.name, f"{len(each.criteria)} criteria", f"{each.title} ({each.publisher}, {each.edition})") for each in found]
    return "".join(f"{name:<14}{count:<15}{title}\n" for name, count, title in rows)


def as_table(name: str) -> str:
    """Each criterion with the subjects that speak to it and how strongly; then what is not supported."""
    standard = load(name)
    lines = [f"{standard.title} ({standard.publisher}, {standard.edition}); rows {standard.version}, {standard.reviewed_by}", ""]
    for criterion in standard.criteria:
        needs = f"  [only where {', '.join(criterion.needs)} is in scope]" if criterion.needs else ""
        lines.append(f"{criterion.id}  {criterion.title}{needs}")
        lines += _spoken(standard, criterion.id)
    if standard.unsupported:
        lines += ["", "Not supported: a scan says nothing about these."]
        lines += [f"  {', '.join(group.ids)}: {group.why}" for group in standard.unsupported]
    if standard.unmapped:
        lines += ["", "Rules that say nothing of this standard:"]
        lines += [f"  {', '.join(group.rules)}: {group.why}" for group in standard.unmapped]
    return "\n".join(lines) + "\n"


def _spoken(standard: Standard, criterion: str) -> list[str]:
    found = []
    for row in standard.rows:
        if row.criterion == criterion:
            scope = f" (scope {', '.join(row.needs)})" if row.needs else ""
            focus = f" · {row.focus}" if row.focus else ""
            found.append(f"    {row.strength:<9} {', '.join(row.subjects)}{focus}{scope}")
            found.append(f"              not shown: {row.not_shown}")
    return found
