"""What changed from one recorded scan to another?"""

from __future__ import annotations

from collections.abc import Callable

from apiposture.evidence.verifier.canonical import Json

Key = tuple[str, ...]


def difference(before: Json, after: Json) -> Json:
    """Findings that are new, gone or (no longer) accepted; endpoints that came, went or may be called by others now; files read."""
    old, new = _by(before["findings"], _finding), _by(after["findings"], _finding)
    was, now = _by(before["endpoints"], _endpoint), _by(after["endpoints"], _endpoint)
    return {
        "new": [_told(new[key]) for key in sorted(new.keys() - old.keys())],
        "fixed": [_told(old[key]) for key in sorted(old.keys() - new.keys())],
        "accepted": [_told(new[key]) for key in sorted(new.keys() & old.keys()) if new[key]["suppressed"] > old[key]["suppressed"]],
        "reopened": [_told(new[key]) for key in sorted(new.keys() & old.keys()) if new[key]["suppressed"] < old[key]["suppressed"]],
        "added": [_called(now[key]) for key in sorted(now.keys() - was.keys())],
        "removed": [_called(was[key]) for key in sorted(was.keys() - now.keys())],
        "changed": [
            f"{_called(now[key])}, before: {_who(was[key])}" for key in sorted(now.keys() & was.keys()) if _who(now[key]) != _who(was[key])
        ],
    }


def _by(items: list[Json], key: Callable[[Json], Key]) -> dict[Key, Json]:
    return {key(item): item for item in items}


def _finding(item: Json) -> Key:
    return (item["fingerprint"],)


def _endpoint(item: Json) -> Key:
    return item["method"], item["route"], item["handler"]


def _told(finding: Json) -> str:
    return f"{finding['fingerprint'][:8]} [{finding['severity']}] {finding['rule']} {finding['message']}"


def _called(endpoint: Json) -> str:
    return f"{endpoint['method']} {endpoint['route']} ({_who(endpoint)})"


def _who(endpoint: Json) -> str:
    posture = endpoint["posture"]
    needs = ", ".join(f"{need['kind']} {need['name']}" for need in posture["needs"])
    return f"{posture['level']}: {needs}" if needs else str(posture["level"])
