#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Check pages in the text format of Prometheus, as promtool does, and that no counter goes back from one to the next:
check-metrics.py PAGE..."""
import re
import sys

LABELS = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)')
SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([0-9]+(?:\.[0-9]+)?)")


def read(name):
    kinds, helps, samples, family = {}, set(), {}, None
    with open(name, encoding="utf-8", newline="") as file:
        text = file.read()
    assert text.endswith("\n") and "\r" not in text, "the last line has to end"
    for line in text.splitlines():
        if line.startswith("# HELP "):
            family, words = line[7:].split(" ", 1)
            assert family not in helps and words, line
            helps.add(family)
        elif line.startswith("# TYPE "):
            named, kind = line[7:].split(" ")
            assert named == family and named not in kinds and kind in ("counter", "gauge"), line
            assert kind != "counter" or named.endswith("_total"), line
            kinds[named] = kind
        else:
            sample = SAMPLE.fullmatch(line)
            assert sample and sample[1] == family and family in kinds, line
            labels = LABELS.findall(sample[2] or "")
            assert ",".join(f'{label}="{value}"' for label, value in labels) == (sample[2] or ""), line
            assert len({label for label, _ in labels}) == len(labels), line
            key = (family, tuple(sorted(labels)))
            assert key not in samples, line
            samples[key] = float(sample[3])
    assert samples and set(kinds) == helps
    return kinds, samples


last = {}
for page in sys.argv[1:]:
    types, now = read(page)
    for key, value in last.items():
        assert types[key[0]] != "counter" or now.get(key, -1) >= value, (key, value, now.get(key))
    last = now
