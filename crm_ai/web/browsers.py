"""A browser's long name, short."""

BROWSERS = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "FxiOS/": "Firefox", "CriOS/": "Chrome"}
LATER = {"Chrome/": "Chrome", "Safari/": "Safari"}
"""Others carry these names too."""
SYSTEMS = {"iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows", "Mac OS X": "macOS"}


def name(agent: str) -> str:
    """ "Mozilla/5.0 (Windows NT 10.0) ... Firefox/150.0" -> "Firefox, Windows"; "" for what is neither."""
    found = [_first(agent, BROWSERS | LATER), _first(agent, SYSTEMS | {"Linux": "Linux"})]
    return ", ".join(part for part in found if part)


def _first(agent: str, names: dict[str, str]) -> str:
    return next((name for sign, name in names.items() if sign in agent), "")
