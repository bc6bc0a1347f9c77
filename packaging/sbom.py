"""What a package is made of, in CycloneDX 1.5, for programs that look for known faults.

Promise: the same commit gives the same bytes; nothing is in it that `cargo` or `Cargo.lock` does not say.
"""

import json
import uuid

from crates import checksums, purl


def sbom(contents, licences, parts):
    """`licences` gives each crate's chosen licences by (name, version); `parts` are the things that are not crates."""
    sums = checksums()
    components = [
        component(row, licences[key], sums.get(key)) for key, row in contents.crates.items()
    ] + [part_of(part) for part in parts]
    body = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": purl(contents.root),
                "name": contents.root["name"],
                "version": contents.root["version"],
                "purl": purl(contents.root),
                "licenses": [{"expression": contents.root["license"]}],
            },
            "properties": [{"name": "tagroll:system", "value": contents.system}],
        },
        "components": components,
        "dependencies": [
            {"ref": crate, "dependsOn": sorted(needs)} for crate, needs in sorted(contents.needs.items())
        ],
    }
    name = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(body, sort_keys=True))
    return json.dumps({"serialNumber": f"urn:uuid:{name}", **body}, indent=1) + "\n"


def component(row, chosen, checksum):
    return {
        "type": "library",
        "bom-ref": purl(row),
        "name": row["name"],
        "version": row["version"],
        "purl": purl(row),
        "licenses": [{"expression": " AND ".join(sorted(chosen))}],
        **({"hashes": [{"alg": "SHA-256", "content": checksum}]} if checksum else {}),
    }


def part_of(part):
    return {
        "type": part.kind,
        "bom-ref": f"part:{part.name}",
        "name": part.name,
        "licenses": [{"license": {"name": part.licence}}],
    }
