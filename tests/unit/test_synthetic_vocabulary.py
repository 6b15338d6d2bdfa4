"""The generator spells codes and columns as the contracts do."""

import numpy as np
import pytest

from pipelines.deliveries import contracts
from pipelines.synthetic import vocabulary
from pipelines.synthetic.inspections import SECTORS
from pipelines.synthetic.parameters import Scenario
from pipelines.synthetic.providers import all_providers
from pipelines.synthetic.render import Renderer
from pipelines.synthetic.rows import EPISODE, EVENT, PERSON
from pipelines.synthetic.survey import DISPOSITIONS, SCALE_ITEMS, TRI_ITEMS


def codes_of(table: str, column: str) -> set[str]:
    contract = contracts()[table]
    [found] = [c for c in contract.columns if c.name == column]
    return set(contract.codes(found))


@pytest.mark.parametrize(
    ("table", "column", "codes"),
    [
        ("persons", "sex", vocabulary.SEX),
        ("persons", "age_band", vocabulary.AGE_BAND),
        ("persons", "citizenship_region", vocabulary.CITIZENSHIP),
        ("persons", "residence_at_first_contact", vocabulary.RESIDENCE),
        ("persons", "exploitation_form", vocabulary.FORM),
        ("support_episodes", "exit_reason", vocabulary.EXIT_REASON),
        ("case_events", "event_type", vocabulary.EVENT_TYPE),
        ("case_events", "channel", vocabulary.CHANNEL),
        ("case_events", "outcome", vocabulary.OUTCOME),
        ("case_events", "subject", vocabulary.SUBJECT),
        ("case_events", "ground", vocabulary.GROUND),
        ("survey_responses", "disposition", DISPOSITIONS),
    ],
)
def test_codes_are_those_of_the_contract(table: str, column: str, codes: tuple[str, ...]) -> None:
    assert set(codes) == codes_of(table, column) - {"unknown"}


def test_sectors_and_services_are_codes_of_the_contract() -> None:
    assert set(SECTORS) <= codes_of("inspections", "sector")
    services = {code for several in vocabulary.SERVICES for code in several.split(";")}
    assert services == codes_of("support_episodes", "services") - {"unknown"}


def test_survey_items_are_those_of_the_codebook() -> None:
    items = {c.name for c in contracts()["survey_responses"].columns if c.item}
    assert items == {*SCALE_ITEMS, *TRI_ITEMS}


def test_service_tables_have_the_columns_of_the_contract_in_its_order() -> None:
    renderer = Renderer(seed=1, first_month=2021 * 12, months=12)
    provider = all_providers(4, Scenario())[0]
    for table, rendered in (
        ("persons", renderer.persons(np.empty(0, PERSON), provider)),
        ("support_episodes", renderer.episodes(np.empty(0, EPISODE), provider)),
        ("case_events", renderer.events(np.empty(0, EVENT), provider)),
    ):
        assert rendered.column_names == [c.name for c in contracts()[table].columns]
