"""Method W for every survey item: hands the survey's rows to the estimator, which knows no dbt."""

from pipelines.estimation.survey import estimate_shares


def model(dbt, session):
    """Rows of ``pipelines.estimation.survey.ESTIMATES``."""
    dbt.config(materialized="table")
    responses, frame, periods = (
        dbt.ref("fct_survey_responses"),
        dbt.ref("fct_survey_frame"),
        dbt.ref("dim_period"),
    )
    return estimate_shares(*(each.to_arrow_table() for each in (responses, frame, periods)))
