"""metadata.jsonld: the folder as a DCAT 3 dataset, for the catalogues of open-data portals.

The rule: every file that holds figures is a distribution with its size and SHA-256, and whoever
harvests the record learns that the data is synthetic and that suppressed is not zero. The context
is inside the file, so that reading it calls no other host. ``tests/fixtures/dcat_shapes.ttl`` says
as SHACL what must be there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipelines.periods import Period, month_text
from pipelines.release.formats.wording import NOTES, SYNTHETIC, title_of
from pipelines.release.manifest import file_entry, json_bytes
from pipelines.release.reading import POLICY_IMPACT, Candidate
from pipelines.release.testimony_files import QUOTATIONS, TESTIMONY

_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_MEDIA = "https://www.iana.org/assignments/media-types/"
_FORMS = {
    "indicators.csv": ("Figures as CSV", "text/csv"),
    "indicators.parquet": ("Figures as Parquet", "application/vnd.apache.parquet"),
    "indicators.xlsx": (
        "Figures as an accessible workbook",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    "sdmx/data.csv": ("Figures as SDMX-CSV 2.0", "application/vnd.sdmx.data+csv;version=2.0.0"),
    "sdmx/structure.xml": (
        "Structure as SDMX-ML 2.1",
        "application/vnd.sdmx.structure+xml;version=2.1",
    ),
}
_WHERE_REGISTERED = {
    POLICY_IMPACT: ("Policy changes and the figures named for them", "text/csv"),
    TESTIMONY: ("Themes of survey comments", "text/csv"),
    QUOTATIONS: ("Quotations released by a person", "text/csv"),
}
_LICENCE = "https://creativecommons.org/licenses/by/4.0/"
_QUARTERLY = "http://publications.europa.eu/resource/authority/frequency/QUARTERLY"


def write_catalogue(candidate: Candidate, path: Path) -> None:
    """Write the record; the files it describes must lie in ``path.parent`` already."""
    path.write_bytes(json_bytes(_record(candidate, path.parent)))


def _record(candidate: Candidate, folder: Path) -> dict[str, Any]:
    status = candidate.status
    name = f"urn:observatory:{status.country.code}:{status.period}:{status.vintage}"
    return {
        "@context": _CONTEXT,
        "@id": name,
        "@type": "dcat:Dataset",
        "dcterms:title": _english(title_of(candidate)),
        "dcterms:description": [
            _english(text)
            for text in [*([SYNTHETIC] if status.synthetic else []), status.reason, *NOTES]
        ],
        "dcterms:identifier": name,
        "dcterms:publisher": {
            "@id": f"{name}#publisher",
            "@type": "foaf:Agent",
            "foaf:name": status.publisher,
        },
        "dcat:contactPoint": {
            "@id": f"{name}#contact",
            "@type": "vcard:Kind",
            "vcard:fn": status.publisher,
            "vcard:hasEmail": {"@id": f"mailto:{status.contact}"},
        },
        "dcterms:license": {"@id": _LICENCE},
        "dcterms:accrualPeriodicity": {"@id": _QUARTERLY},
        "dcterms:spatial": {"@id": f"urn:iso:std:iso:3166:-1:{status.country.code}"},
        "dcterms:temporal": _temporal(candidate, name),
        "dcat:version": status.vintage,
        "dcat:keyword": [
            _english(word)
            for word in ("human trafficking", "retrafficking", "remedy", "social inclusion")
        ],
        "dcat:theme": [
            _english(theme)
            for theme in sorted({one.theme for one in candidate.indicators.values()})
        ],
        "dcat:distribution": [
            _distribution(folder, file, title, media, name)
            for file, (title, media) in (_FORMS | _WHERE_REGISTERED).items()
            if file in _FORMS or (folder / file).is_file()
        ],
    }


def _english(text: str) -> dict[str, str]:
    return {"@language": "en", "@value": text}


def _temporal(candidate: Candidate, name: str) -> dict[str, Any]:
    windows = [
        Period.parse(text)
        for text in {figure.cohort or figure.period for figure in candidate.figures}
    ]
    return {
        "@id": f"{name}#time",
        "@type": "dcterms:PeriodOfTime",
        "dcat:startDate": _month(min(window.first for window in windows)),
        "dcat:endDate": _month(Period.parse(candidate.status.period).last),
    }


def _month(month: int) -> dict[str, str]:
    return {"@type": "xsd:gYearMonth", "@value": month_text(month)}


def _distribution(folder: Path, file: str, title: str, media: str, name: str) -> dict[str, Any]:
    entry = file_entry(folder / file)
    return {
        "@id": f"{name}#{file}",
        "@type": "dcat:Distribution",
        "dcterms:title": _english(title),
        "dcat:downloadURL": {"@id": file},
        "dcat:mediaType": {"@id": _MEDIA + media.partition(";")[0]},
        "dcat:byteSize": {"@type": "xsd:nonNegativeInteger", "@value": str(entry["bytes"])},
        "dcterms:license": {"@id": _LICENCE},
        "spdx:checksum": {
            "@id": f"{name}#{file}:sha256",
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": {"@type": "xsd:hexBinary", "@value": entry["sha256"]},
        },
    }
