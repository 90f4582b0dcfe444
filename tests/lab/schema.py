"""schema.py SCHEMA FILE…: what a JSON Schema validator that is not ours says of site files.

First the schema itself is held against draft 2020-12.  Then for each file: "ok FILE", or one line "FILE POINTER" for each
mistake; "FILE -" where it is no JSON at all.  Exit status 1 if the schema is none."""
import json
import sys

from jsonschema import Draft202012Validator, SchemaError


def leaves(error):
    """An alternative that failed says nothing; what failed deepest inside it does."""
    if error.validator in ("anyOf", "allOf") and error.context:
        deepest = max(len(e.absolute_path) for e in error.context)
        if deepest > len(error.absolute_path):
            for inner in error.context:
                if len(inner.absolute_path) == deepest:
                    yield from leaves(inner)
            return
    path = list(error.absolute_path)
    if error.validator == "additionalProperties":
        for key in error.instance:
            if key not in error.schema.get("properties", {}):
                yield path + [key]
    elif error.validator == "propertyNames":
        yield path + [error.instance]
    else:
        yield path


def pointer(path):
    return "".join("/" + str(p).replace("~", "~0").replace("/", "~1") for p in path)


with open(sys.argv[1], encoding="utf-8") as f:
    schema = json.load(f)
try:
    Draft202012Validator.check_schema(schema)
except SchemaError as e:
    sys.exit(f"no schema: {e.message} at {pointer(e.absolute_path)}")
validator = Draft202012Validator(schema)
for name in sys.argv[2:]:
    try:
        with open(name, encoding="utf-8") as f:
            document = json.load(f)
    except ValueError:
        print(name, "-")
        continue
    places = {pointer(p) for e in validator.iter_errors(document) for p in leaves(e)}
    for place in sorted(places):
        print(name, place or "/")
    if not places:
        print("ok", name)
