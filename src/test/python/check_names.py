"""Checks that PyTorch has what the descriptions say it has.

Run: /usr/bin/python3 src/test/python/check_names.py
Prints each name that an installed package does not have, and fails when there is one.
"""

import importlib
import json
import pathlib
import re
import sys

PLACE = pathlib.Path(__file__).parents[2] / "main" / "resources" / "io" / "trainyard"
NAME = re.compile(r"\btorch(?:\.\w+)+")


def resolves(name):
    """Whether the name leads to something, through modules and attributes."""
    words = name.split(".")
    found = importlib.import_module(words[0])
    for i, word in enumerate(words[1:], 2):
        if not hasattr(found, word):
            try:
                importlib.import_module(".".join(words[:i]))
            except ImportError:
                return False
        found = getattr(found, word)
    return True


def names():
    """Each name with the file and the type that have it."""
    for file in sorted(PLACE.rglob("*.json")):
        described = json.loads(file.read_text())
        if not isinstance(described, dict) or "kind" not in described:
            continue
        groups = [described.get("types", {}), *described.get("encodings", {}).values()]
        for types in groups:
            for type_name, described_type in types.items():
                library = (described_type.get("names") or {}).get("pytorch") or ""
                for name in NAME.findall(library):
                    yield file.stem, type_name, name


def main():
    checked = 0
    wrong = []
    for file, type_name, name in names():
        checked += 1
        if not resolves(name):
            wrong.append(f"{file} {type_name}: {name}")
    print(f"{checked} names checked", *wrong, sep="\n")
    sys.exit(1 if wrong or not checked else 0)


if __name__ == "__main__":
    main()
