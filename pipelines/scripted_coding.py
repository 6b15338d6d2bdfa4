"""The demonstration's coder: what a person does with comments between landing and candidate.

The rule: a sentence has the themes with which it was written; of each theme the first that may be
quoted is released, once. Running it again does no harm.
"""

from __future__ import annotations

import datetime as dt

from pipelines.paths import Home
from pipelines.synthetic.comments import themes_of
from pipelines.synthetic.council import SCRIPTED
from pipelines.testimony import desk
from pipelines.testimony.register import Act


def code_and_quote(home: Home, country: str, day: dt.date) -> None:
    """Code every comment that has landed and release quotations, as of ``day``."""
    comments = sorted(desk.describe_comments(home, country), key=lambda one: one["response"])
    coding = Act(SCRIPTED, day, "every comment is read and coded before its quarter's candidate")
    themes = {one["response"]: themes_of(one["comment"]) for one in comments}
    desk.code(home, country, themes, coding)
    releasing = Act(SCRIPTED, day, "it says in a survivor's words what the theme is about")
    quoted = {one["theme"] for one in desk.describe_quotations(home, country)}
    for one in comments:
        key, words, language = one["response"], one["comment"], one["language"]
        for theme in sorted(set(themes[key]) - quoted) if one["consent"] == "yes" else ():
            desk.release(home, country, key, words, theme, language, releasing, read=True)
            quoted.add(theme)
