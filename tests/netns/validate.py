#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Check each JSON line of the standard input with the schema it names: validate.py FOLDER-OF-SCHEMAS"""
import json
import sys
from pathlib import Path

from jsonschema import Draft202012Validator

folder, count = Path(sys.argv[1]), 0
for line in sys.stdin:
    record = json.loads(line)
    schema = json.loads((folder / (record["schema"].replace("/", "-") + ".json")).read_text())
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(record)
    unknown = set(record) - set(schema["properties"])
    if unknown:
        sys.exit(f"{record['schema']} does not name {', '.join(sorted(unknown))}")
    count += 1
sys.exit(0 if count else "no record")
