#!/usr/bin/env python3
"""Writes data/relations/*.json, relations of the atlas in the layout of evandez/relations, out of data/atlas/facts."""
import json
import pathlib

TEMPLATES = {  # wordings that data/atlas/phrases.tsv has too, with the value at the end
    "country.capital": "The capital of {} is",
    "country.continent": "The continent of {} is",
    "country.currency": "The currency of {} is the",
    "country.language": "The main language of {} is",
    "city.country": "The country of {} is",
    "company.country": "The home country of {} is",
    "person.country": "The home country of {} is",
    "food.country": "The country of origin of {} is",
    "product.maker": "The company that makes {} is",
    "work.creator": "The creator of {} is",
    "substance.phase": "The phase of {} is",
    "word.opposite": "The opposite of {} is",
}

root = pathlib.Path(__file__).resolve().parent.parent / "data"
for name, template in TEMPLATES.items():
    kind, column = name.split(".")
    heading, *rows = [line.split("\t") for line in (root / "atlas/facts" / f"{kind}.tsv").read_text("utf-8").splitlines()]
    at = [cell.split(">")[0] for cell in heading].index(column)
    samples = ",\n".join(
        "    " + json.dumps({"subject": row[0], "object": row[at]}, ensure_ascii=False) for row in rows if row[at] != "-")
    (root / "relations" / f"{name}.json").write_text(
        f'{{\n  "name": "{name}",\n  "prompt_templates": [{json.dumps(template)}],\n  "samples": [\n{samples}\n  ]\n}}\n', "utf-8")
