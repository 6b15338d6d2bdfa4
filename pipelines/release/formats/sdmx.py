"""sdmx/: the table as SDMX-CSV 2.0 and its structure as SDMX-ML 2.1, for statistical offices.

The rule: dimensions are never empty (``_Z`` not applicable, ``_T`` total), the estimate is the
observation, and a hidden observation is empty with its status said in OBS_STATUS and CONF_STATUS
(SDMX cross-domain code lists CL_OBS_STATUS 2.2 and CL_CONF_STATUS 1.3).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from pysdmx.io.csv.sdmx20.writer import write as write_csv
from pysdmx.io.pd import PandasDataset
from pysdmx.io.xml.sdmx21.writer.structure import write as write_structure
from pysdmx.model import (
    Code,
    Codelist,
    Component,
    Components,
    Concept,
    ConceptScheme,
    Dataflow,
    DataStructureDefinition,
    DataType,
    Role,
    Schema,
)
from pysdmx.model.__base import MaintainableArtefact, Organisation
from pysdmx.model.message import Header

from pipelines.release.columns import COLUMNS
from pipelines.release.formats.wording import MARKS, title_of
from pipelines.release.reading import Candidate, Figure

AGENCY = "OBSERVATORY"
FLOW = "AFTER_TRAFFICKING"
CONCEPTS = "CS_AFTER_TRAFFICKING"
VERSION = "1.0"
_URN = "urn:sdmx:org.sdmx.infomodel."

_OBS_STATUS = {
    "A": "Normal value",
    "Q": "Suppressed",
    "O": "Missing",
    "U": "Low reliability",
    "M": "Missing; data cannot exist",
}
_CONF_STATUS = {
    "F": "Free",
    "C": "Confidential statistical information",
    "N": "Not for publication",
}
_DIMENSIONS = {
    "INDICATOR": "indicator_id",
    "REF_AREA": "country",
    "COHORT": "cohort",
    "PART": "measure",
    "HORIZON": "horizon_months",
    "BREAKDOWN": "breakdown",
    "CATEGORY": "category",
}
_ATTRIBUTES = {
    "NUMERATOR": "numerator",
    "DENOMINATOR": "denominator",
    "KNOWN_SHARE": "known_share",
    "CI_LOW": "ci_low",
    "CI_HIGH": "ci_high",
    "UNIT_MEASURE": "unit",
    "METHOD": "method",
    "MARK": "mark",
    "OBS_STATUS": "obs_status",
    "CONF_STATUS": "conf_status",
    "COUNCIL_VERDICT": "council_verdict",
    "CAVEATS": "caveats",
}
_MEANING = {column.name: column.meaning for column in COLUMNS}


def write_sdmx(candidate: Candidate, folder: Path) -> None:
    """Write ``structure.xml`` and ``data.csv`` into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    lists = _code_lists(candidate)
    concepts = ConceptScheme(
        CONCEPTS, name="Concepts", agency=AGENCY, version=VERSION, items=_concepts()
    )
    components = Components(_components(concepts, lists))
    structure = DataStructureDefinition(
        FLOW, name=title_of(candidate), agency=AGENCY, version=VERSION, components=components
    )
    flow = Dataflow(
        FLOW,
        name=title_of(candidate),
        agency=AGENCY,
        version=VERSION,
        structure=structure.short_urn,
    )
    artefacts: list[MaintainableArtefact] = [*lists.values(), concepts, structure, flow]
    header = Header(
        id=f"{candidate.status.country.code}-{candidate.status.period}",
        test=candidate.status.synthetic,
        prepared=datetime.strptime(candidate.status.cutoff, "%Y-%m").replace(tzinfo=UTC),
        sender=Organisation(AGENCY),
    )
    write_structure(artefacts, folder / "structure.xml", header=header)
    schema = Schema(
        context="dataflow", agency=AGENCY, id=FLOW, components=components, version=VERSION
    )
    frame = pd.DataFrame([_observation(figure) for figure in candidate.figures], dtype=str)
    write_csv([PandasDataset(structure=schema, data=frame)], output_path=folder / "data.csv")


def time_period(period: str) -> str:
    """A period as an SDMX observational time period.

    2024Q4 → 2024-Q4, 2024 → 2024, 2022-2024 → 2022-01-01/P3Y (start and ISO 8601 duration).
    """
    if quarter := re.fullmatch(r"(\d{4})(Q\d)", period):
        return f"{quarter[1]}-{quarter[2]}"
    if years := re.fullmatch(r"(\d{4})-(\d{4})", period):
        return f"{years[1]}-01-01/P{int(years[2]) - int(years[1]) + 1}Y"
    return period


def breakdown_code(breakdown: str) -> str:
    """A breakdown as an SDMX id, which can't hold a star: total → _T, sex*form → sex-form."""
    return "_T" if breakdown == "total" else breakdown.replace("*", "-")


def _observation(figure: Figure) -> dict[str, str]:
    keys = {name: str(getattr(figure, field) or "_Z") for name, field in _DIMENSIONS.items()}
    keys["BREAKDOWN"] = breakdown_code(figure.breakdown)
    if figure.breakdown == "total":
        keys["CATEGORY"] = "_T"
    texts = {name: getattr(figure, field) for name, field in _ATTRIBUTES.items()}
    texts["CAVEATS"] = ";".join(figure.caveats)
    return {
        **keys,
        "TIME_PERIOD": time_period(figure.period),
        "OBS_VALUE": "" if figure.estimate is None else str(figure.estimate),
        **{name: "" if text is None else str(text) for name, text in texts.items()},
    }


def _code_lists(candidate: Candidate) -> dict[str, Codelist]:
    """Component id → its code list, from the registry snapshot and the statuses of the table."""
    status, figures = candidate.status, candidate.figures
    country = Code(status.country.code, name=status.country.names.get("en", status.country.code))
    contents = {
        "INDICATOR": [
            Code(one.id, name=one.title, description=one.explanation)
            for _, one in sorted(candidate.indicators.items())
        ],
        "REF_AREA": [country],
        "BREAKDOWN": [
            Code("_T", name="Total"),
            *(
                Code(breakdown_code(name), name=name.replace("_", " ").replace("*", " by "))
                for name in sorted({figure.breakdown for figure in figures} - {"total"})
            ),
        ],
        "MARK": [Code(mark, name=text) for mark, text in MARKS.items()],
        "OBS_STATUS": [Code(code, name=name) for code, name in _OBS_STATUS.items()],
        "CONF_STATUS": [Code(code, name=name) for code, name in _CONF_STATUS.items()],
    }
    return {
        name: Codelist(
            f"CL_{name}",
            urn=f"{_URN}codelist.Codelist={AGENCY}:CL_{name}({VERSION})",
            name=name.replace("_", " ").capitalize(),
            agency=AGENCY,
            version=VERSION,
            items=items,
        )
        for name, items in contents.items()
    }


def _concepts() -> list[Concept]:
    fields = {**_DIMENSIONS, "TIME_PERIOD": "period", "OBS_VALUE": "estimate", **_ATTRIBUTES}
    return [
        Concept(
            name,
            urn=f"{_URN}conceptscheme.Concept={AGENCY}:{CONCEPTS}({VERSION}).{name}",
            name=name.replace("_", " ").capitalize(),
            description=_MEANING[field],
        )
        for name, field in fields.items()
    ]


def _components(concepts: ConceptScheme, lists: dict[str, Codelist]) -> list[Component]:
    numbers = {"NUMERATOR", "DENOMINATOR", "KNOWN_SHARE", "CI_LOW", "CI_HIGH"}
    types = dict.fromkeys(numbers, DataType.DECIMAL) | {
        "TIME_PERIOD": DataType.PERIOD,
        "OBS_VALUE": DataType.DECIMAL,
    }
    roles = (
        dict.fromkeys([*_DIMENSIONS, "TIME_PERIOD"], Role.DIMENSION)
        | {"OBS_VALUE": Role.MEASURE}
        | dict.fromkeys(_ATTRIBUTES, Role.ATTRIBUTE)
    )
    return [
        Component(
            concept.id,
            required=roles[concept.id] is not Role.ATTRIBUTE,
            role=roles[concept.id],
            concept=concept,
            local_dtype=types.get(concept.id, DataType.STRING),
            local_codes=lists.get(concept.id),
            attachment_level="O" if roles[concept.id] is Role.ATTRIBUTE else None,
        )
        for concept in concepts.items
    ]
