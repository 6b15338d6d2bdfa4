"""The ``observatory`` command: it parses and calls, and turns errors into one helpful line.

Heavy libraries are imported inside the command that needs them, so that ``--help`` answers at once.
"""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import typer

from pipelines.console import StageLog, err, out, print_rows
from pipelines.errors import Foreseen
from pipelines.paths import CHECKOUT, HOME_VARIABLE, Home

app = typer.Typer(
    help="Measure what happens to people after they were trafficked: from anonymised deliveries "
    "to a signed candidate and its pages.\n\n"
    "Everything lies in one folder, the home: --home, else $OBSERVATORY_HOME, else var in the "
    "checkout. Start with: observatory demo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home", envvar=HOME_VARIABLE, help="The observatory's folder.", show_default="var"
    ),
]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day: write YYYY-MM-DD") from None


@app.command()
def demo(
    people: Annotated[int, typer.Option(help="How many synthetic people.", min=200)] = 20_000,
    out_folder: Annotated[Path, typer.Option("--out", help="Where everything goes.")] = Path(
        "var/demo"
    ),
    quarters: Annotated[int, typer.Option(help="How many quarters, from 2021Q1.", min=4)] = 16,
    seed: Annotated[int, typer.Option(help="Same seed, same deliveries.")] = 1,
    until: Annotated[
        Literal["candidate", "release"],
        typer.Option(help="Whether to go on through a scripted review to a release."),
    ] = "release",
) -> None:
    """Run the whole path on synthetic deliveries. Safe to run again.

    Leaves candidate, release, pages and summary.json in --out and prints where they are.
    """
    from pipelines.demo import run_demo

    with StageLog().running() as log:
        done = run_demo(out_folder, people, quarters, seed, log.heard, until=until)
    counts = done.summary["deliveries"]
    out.print(f"deliveries  {counts}")
    out.print(f"candidate   {done.candidate}")
    if done.release:
        out.print(f"release     {done.release} (scripted review)")
    out.print(f"pages       {done.home.site / 'index.html'}")
    out.print(f"summary     {done.home.root / 'summary.json'}")
    out.print(f"check it    observatory verify {done.release or done.candidate}")
    out.print(f"look at it  observatory serve {done.home.site}")


@app.command()
def synthesize(
    people: Annotated[int, typer.Option(help="How many synthetic people.", min=1)],
    quarters: Annotated[int, typer.Option(help="How many quarters, from 2021Q1.", min=1)],
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")],
    out_folder: Annotated[Path, typer.Option("--out", help="Where the deliveries go.")],
    informative_loss: Annotated[
        bool,
        typer.Option(help="People about to be retrafficked are lost from sight more often."),
    ] = False,
    defects: Annotated[bool, typer.Option(help="With bad rows and bad deliveries.")] = True,
) -> None:
    """Write synthetic deliveries and truth.json: what the generator knows and you estimate."""
    from pipelines.synthetic import Scenario
    from pipelines.synthetic import synthesize as run

    with StageLog().running() as log:
        run(
            out_folder,
            people,
            quarters,
            seed,
            scenario=Scenario(defects=defects, informative_loss=informative_loss),
            on_progress=lambda what, done, total: log.heard(
                "make the deliveries", f"{what} {done} of {total}"
            ),
        )
    out.print(f"deliveries  {out_folder / 'deliveries'}")
    out.print(f"truth       {out_folder / 'truth.json'}")


@app.command()
def ingest(
    paths: Annotated[
        list[Path], typer.Argument(help="Delivery folders, zips, or folders of them.")
    ],
    home: HomeOption = None,
) -> None:
    """Take deliveries through the gate: landed, quarantined or refused, with the reason.

    A delivery that is already there changes nothing. Exit code 1 when one was refused.
    """
    from pipelines.deliveries import ingest as run

    with StageLog().running() as log:
        outcomes = run(
            Home.find(home),
            paths,
            on_progress=lambda done, total, outcome: log.heard("land", f"{done} of {total}"),
        )
    for outcome in outcomes:
        out.print(outcome.message)
    raise typer.Exit(int(any(outcome.record.status == "refused" for outcome in outcomes)))


@app.command()
def deliveries(home: HomeOption = None) -> None:
    """List every delivery that came: its state, its rows, and why it was refused or set aside."""
    from pipelines.deliveries import describe_deliveries

    print_rows(describe_deliveries(Home.find(home)))


@app.command()
def quarantine(
    delivery: Annotated[str, typer.Argument(help="A delivery id or its beginning.")] = "",
    home: HomeOption = None,
) -> None:
    """List what is in quarantine by delivery, file and rule: rows, the first one, the remedy."""
    from pipelines.deliveries import describe_quarantine

    print_rows(describe_quarantine(Home.find(home), delivery or None))


@app.command()
def vintages(home: HomeOption = None) -> None:
    """List the vintages: running number, hash, deliveries and the last month they cover."""
    from pipelines.deliveries import describe_vintages

    print_rows(describe_vintages(Home.find(home)))


@app.command()
def corrections(home: HomeOption = None) -> None:
    """List the declared corrections: what each changes, why, and whether it is still needed."""
    from pipelines.deliveries import describe_corrections

    print_rows(describe_corrections(Home.find(home)))


@app.command()
def context(
    source: Annotated[str, typer.Argument(help="Which table; see docs/context-tables.md.")] = "",
    files: Annotated[list[Path] | None, typer.Argument(help="As the publisher gave them.")] = None,
    retrieved: Annotated[str, typer.Option(help="The day they were fetched, 2025-04-14.")] = "",
    period: Annotated[str, typer.Option(help="The quarter, where the table doesn't say it.")] = "",
    home: HomeOption = None,
) -> None:
    """Land a published table to stand beside our figures; without arguments, list those landed.

    Exit code 1 when it was refused.
    """
    from pipelines.deliveries.context.land import describe_context, land_context

    place = Home.find(home)
    if not source:
        print_rows(describe_context(place))
        return
    record = land_context(place, source, files or [], retrieved, period)
    out.print(f"{record.status:11} {record.source} {record.context_id[:12]} {record.reason}")
    out.print(f"rows        {record.rows_landed} landed, {record.rows_quarantined} in quarantine")
    for message in record.expectations:
        out.print(f"look at     {message}")
    raise typer.Exit(int(record.status == "refused"))


@app.command()
def unseen(
    table: Annotated[
        Path, typer.Argument(help="CSV: a 0/1 column a list, and count.", exists=True)
    ],
) -> None:
    """Estimate how many people no list has seen, from how lists overlap, or say why not.

    Context only: no indicator is divided by it. See docs/hidden-population.md.
    """
    from pyarrow.csv import read_csv

    from pipelines.estimation.mse import RefusedTable, estimate_population

    counts = read_csv(table)
    if "count" not in counts.column_names:
        raise RefusedTable([f"{table} has no column count: persons on just those lists"])
    lists = [name for name in counts.column_names if name != "count"]
    found = estimate_population(counts, lists)
    out.print(f"people      {found.estimate:,.0f} ({found.ci_low:,.0f} to {found.ci_high:,.0f})")
    out.print(f"on a list   {found.seen:,} of {', '.join(lists)}")
    for first, second in found.interactions:
        out.print(f"related     {first} and {second}")


@app.command()
def erase(
    person_key: Annotated[
        str,
        typer.Argument(
            help="The person's key. Better left out: then it is asked for, unseen, and is in no "
            "shell history.",
            show_default=False,
        ),
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask whether to go on.")] = False,
    home: HomeOption = None,
) -> None:
    """Remove a person's rows for good, and keep them out when their deliveries come again."""
    from pipelines.deliveries import erase as run
    from pipelines.deliveries import find_person

    key = person_key or typer.prompt("Key of the person", hide_input=True)
    place = Home.find(home)
    found = find_person(place, key)
    rows = ", ".join(f"{count} in {table}" for table, count in found.rows.items()) or "no row"
    before = " This person was erased before." if found.erased_before else ""
    out.print(f"{place.root} holds {rows}, from {found.deliveries} deliveries.{before}")
    if not yes:
        typer.confirm("Remove them for good? This can't be undone", abort=True)
    tombstone = run(place, key)
    out.print(f"erased      {sum(tombstone.rows.values())} rows of this person in all")
    out.print(f"tombstone   {place.erasures / tombstone.erasure}.json")
    out.print("next        observatory build, for a vintage without them")


@app.command()
def build(
    period: Annotated[str, typer.Argument(help="The quarter, for example 2024Q4.")],
    home: HomeOption = None,
) -> None:
    """Build a quarter's candidate and pages from what has landed and what is in the inbox."""
    from pipelines.assets.run import run_whole_path

    place = Home.find(home)
    with StageLog().running() as log:
        run_whole_path(place, period, log.heard)
    out.print(f"pages       {place.site / 'index.html'}")


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    add_help_option=False,
)
def pseudonymise(context: typer.Context) -> None:
    """At a provider: turn a list of people into pseudonyms, months and bands (--help for more)."""
    from pipelines.deliveries.pseudonymise import main as run

    raise typer.Exit(run(context.args))


@app.command("survey-form")
def survey_form(
    out_file: Annotated[Path, typer.Option("--out", help="The workbook to write, .xlsx.")],
) -> None:
    """Write the survivor survey as an XLSForm, for KoboToolbox or ODK."""
    from pipelines.deliveries.survey.xlsform import load_instrument, write_xlsform

    write_xlsform(load_instrument(), out_file)
    out.print(f"form        {out_file}")


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(help="A candidate or release folder.")],
    key: Annotated[
        Path | None,
        typer.Option(help="The publisher's public key.", show_default="keys/ beside candidates/"),
    ] = None,
) -> None:
    """Check that a folder is exactly what was signed. Needs only the folder and the public key."""
    from pipelines.release.signing import find_public_key, public_key
    from pipelines.release.verify import verify as run

    result = run(folder, public_key(key or find_public_key(folder)))
    for problem in result.problems():
        err.print(f"[red]{problem}[/red]")
    if not result.ok:
        raise typer.Exit(1)
    out.print(f"{folder}: signature and every file as signed")


@app.command()
def rebuild(
    release: Annotated[Path, typer.Argument(help="A release folder of the home.")],
    home: HomeOption = None,
) -> None:
    """Build a release again from what its lock names; exit code 1 when a byte differs."""
    from pipelines.assets.rebuild import rebuild_release

    with StageLog().running() as log:
        different = rebuild_release(
            Home.find(home), release, lambda what: log.heard("rebuild", what)
        )
    for name in different:
        err.print(f"[red]{name} came out different[/red]")
    if different:
        raise typer.Exit(1)
    out.print(f"{release}: the same bytes")


@app.command()
def sign(
    release: Annotated[Path, typer.Argument(help="The folder of a prepared release.")],
    office: Annotated[Literal["rapporteur", "council"], typer.Argument()],
    key: Annotated[Path, typer.Option(help="The folder of the signer's key.")],
    day: Annotated[date, typer.Option(parser=_day, help="The day of signing, YYYY-MM-DD.")],
) -> None:
    """Sign a prepared release as the rapporteur or the council's delegate."""
    from pipelines.release.signers import sign_release
    from pipelines.release.signing import signing_key

    made = sign_release(release, office, signing_key(key, create=False), day)
    out.print(f"signed      {release} for the {office}, with the key {made.key}")


@app.command("name-signers")
def name_signers(
    country: Annotated[str, typer.Argument(help="ISO 3166-1 alpha-2 code.")],
    holds_from: Annotated[date, typer.Option(parser=_day, help="First day, YYYY-MM-DD.")],
    rapporteur: Annotated[list[str], typer.Option(help="NAME=PUBLIC_KEY_FILE; alternates after.")],
    council: Annotated[list[str], typer.Option(help="NAME=PUBLIC_KEY_FILE; alternates after.")],
    key: Annotated[
        list[Path] | None, typer.Option(help="Folders of keys that sign a change: one an office.")
    ] = None,
    home: HomeOption = None,
) -> None:
    """Say who signs a country's releases, or change it with a key of each office before."""
    from pipelines.release.signers import name_signers as run
    from pipelines.release.signers import read_signer
    from pipelines.release.signing import signing_key

    roster = run(
        Home.find(home).rosters(country),
        country,
        holds_from,
        [read_signer(one) for one in rapporteur],
        [read_signer(one) for one in council],
        [signing_key(folder, create=False) for folder in key or []],
    )
    out.print(f"signers     roster {roster.number} of {country}, from {roster.holds_from}")


@app.command()
def evidence(
    folder: Annotated[Path, typer.Argument(help="A candidate or release folder.")],
    line: Annotated[int, typer.Argument(help="A line of its indicators.csv; 2 is the first.")],
) -> None:
    """Print what somebody who quotes a figure must be able to show, with the hash of its line."""
    from pipelines.release.formats.evidence import sheet_of_line
    from pipelines.release.reading import read_candidate

    candidate = read_candidate(folder)
    for heading, text in sheet_of_line(candidate, line).lines(candidate.caveats):
        out.print(f"{heading:<12}{text}", soft_wrap=True)


@app.command()
def serve(
    folder: Annotated[Path | None, typer.Argument(help="The pages; else the home's.")] = None,
    port: Annotated[int, typer.Option(help="On this machine only.")] = 8000,
    home: HomeOption = None,
) -> None:
    """Show the pages on this machine, with the headers a public server should send."""
    from dashboards.site.serve import serve as run

    out.print(f"http://127.0.0.1:{port}/  (stop with Ctrl-C)")
    run(folder or Home.find(home).site, port=port)


@app.command()
def portal(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8200,
    name: Annotated[
        list[str] | None,
        typer.Option(help="A host name the portal is reached by; give it again for more."),
    ] = None,
    exit_to: Annotated[
        str, typer.Option(help="Where “Leave this page” leads: a path, or another site's address.")
    ] = "/elsewhere",
    home: HomeOption = None,
) -> None:
    """Serve the portal in which councils review and the State answers.

    Only this machine can reach it unless --host says otherwise; then put a proxy with TLS before it
    and name it with --name. The store is SQLite in the home, or PostgreSQL by
    $OBSERVATORY_REVIEW_DATABASE. Invite people with: observatory invite --help
    """
    from dashboards.portal.serve import serve as run
    from pipelines.participation.store import exposures, open_store

    for exposure in exposures(open_store(Home.find(home))):
        err.print(f"[red]ballots    {exposure}[/red]")
    out.print(f"http://{host}:{port}/  (stop with Ctrl-C)")
    run(Home.find(home), host=host, port=port, names=tuple(name or ()), exit_to=exit_to)


@app.command()
def invite(
    role: Annotated[
        str,
        typer.Argument(
            help="council_member, council_secretary, rapporteur, authority or engineer."
        ),
    ],
    country: Annotated[str, typer.Argument(help="The country's code, for example ZZ.")],
    seat: Annotated[
        str, typer.Option(help="The seat's id, for a council_member; the portal lists them.")
    ] = "",
    home: HomeOption = None,
) -> None:
    """Print an invitation to the portal: a code that works once, for 14 days."""
    from dashboards.portal.invite import invite as run

    out.print(run(Home.find(home), role, country, seat))


council_app = typer.Typer(
    help="Begin a survivor council: its seats, everybody's invitation, the days of a review.",
    no_args_is_help=True,
)
app.add_typer(council_app, name="council")
CountryArgument = Annotated[str, typer.Argument(help="The country's code, for example ZZ.")]


@council_app.command("found")
def council_found(
    country: CountryArgument,
    holds_from: Annotated[
        date, typer.Option("--from", parser=_day, help="First day of the terms, YYYY-MM-DD.")
    ],
    until: Annotated[date, typer.Option("--to", parser=_day, help="Their last day, YYYY-MM-DD.")],
    seats: Annotated[int, typer.Option(help="How many members.", min=3)] = 7,
    language: Annotated[str, typer.Option(help="The members' language, for example es.")] = "en",
    home: HomeOption = None,
) -> None:
    """Seat a country's first council and print an invitation for everybody, this once.

    The first code is the delegate's, the second the alternate's. Where there is a council already,
    its delegate and the rapporteur change it together in the portal.
    """
    from dashboards.portal.founding import found as run

    offices = {1: "delegate", 2: "alternate"}
    for one in run(Home.find(home), country, seats, holds_from, until, language):
        who = offices.get(one.office, one.role.value)
        out.print(f"{who:18} {one.code}  {one.seat}", soft_wrap=True)
    out.print("These codes work once, for 14 days, and are stored nowhere: hand them out now.")


@council_app.command("plan")
def council_plan(
    country: CountryArgument,
    period: Annotated[str, typer.Argument(help="The candidate's quarter, for example 2024Q4.")],
    opens: Annotated[
        date | None, typer.Option(parser=_day, help="Day on which voting opens, YYYY-MM-DD.")
    ] = None,
    home: HomeOption = None,
) -> None:
    """Plan the review of a candidate; the secretary opens it in the portal on its day."""
    from dashboards.portal.founding import plan as run

    review = run(Home.find(home), country, period, opens)
    out.print(f"review      {country} {period} version {review.version}")
    for name in ("opens_on", "consolidates_on", "asks_on", "schedules_on", "publishes_on"):
        out.print(f"{name:16}{getattr(review, name)}")


@council_app.command("show")
def council_show(country: CountryArgument, home: HomeOption = None) -> None:
    """List the seats and reviews of a country, and what each waits for."""
    from dashboards.portal.founding import describe as run

    print_rows(run(Home.find(home), country))


testimony_app = typer.Typer(
    help="Survey comments: read them, code them with themes, release words, withdraw them.\n\n"
    "The order: `list --comments` shows what is to be read; `code` gives a comment its themes; "
    "`release` lets words of it be quoted, where its writer consented; `withdraw` takes them back. "
    "Counts under the country's threshold are never printed, nor words beside them.",
    no_args_is_help=True,
)
app.add_typer(testimony_app, name="testimony")
WhoOption = Annotated[str, typer.Option(help="Your role or a chosen name, never a real one.")]
DayOption = Annotated[date, typer.Option("--on", parser=_day, help="The day, YYYY-MM-DD.")]
WhyOption = Annotated[str, typer.Option(help="Why, in a few words, without the comment's.")]
ResponseArgument = Annotated[str, typer.Argument(help="The response's key, 32 digits.")]


@testimony_app.command("list")
def list_testimony(
    country: CountryArgument,
    comments: Annotated[
        bool, typer.Option("--comments", help="The comments themselves: for your eyes only.")
    ] = False,
    home: HomeOption = None,
) -> None:
    """List the released quotations, or with --comments every comment with its themes."""
    from pipelines.testimony.desk import describe_comments, describe_quotations

    describe = describe_comments if comments else describe_quotations
    print_rows(describe(Home.find(home), country))


@testimony_app.command("themes")
def list_themes() -> None:
    """List the codebook: each theme, when to use it and when not."""
    from pipelines.testimony.codebook import load_codebook

    print_rows(
        [
            {"theme": one.id, "label": one.label["en"], "use": one.use, "not for": one.not_for}
            for one in load_codebook().values()
        ]
    )


@testimony_app.command("code")
def code_comment(
    country: CountryArgument,
    response: ResponseArgument,
    themes: Annotated[
        list[str] | None, typer.Argument(help="Themes of the codebook; none where none fits.")
    ] = None,
    *,
    who: WhoOption,
    on: DayOption,
    why: WhyOption,
    home: HomeOption = None,
) -> None:
    """Say which themes a comment speaks of; a later coding replaces an earlier one.

    A comment that fits no theme is coded too, with none: it counts in the total.
    """
    from pipelines.testimony.desk import code as run
    from pipelines.testimony.register import Act

    act = Act(who, on, why)
    run(Home.find(home), country, {response: themes or []}, act)
    out.print(f"coded       {response[:12]} {', '.join(themes or []) or 'no theme'}")


@testimony_app.command("release")
def release_words(
    country: CountryArgument,
    response: ResponseArgument,
    quotation: Annotated[str, typer.Argument(help="The words, with … where some are left out.")],
    theme: Annotated[str, typer.Option(help="The theme beside which they stand.")],
    *,
    language: Annotated[str, typer.Option(help="Their language, for example es.")],
    read_for_names: Annotated[
        bool,
        typer.Option("--read-for-names", help="You read the words for names, places and events."),
    ] = False,
    who: WhoOption,
    on: DayOption,
    why: WhyOption,
    home: HomeOption = None,
) -> None:
    """Let words of a comment be quoted, as they stand or shortened; its writer has consented.

    They reach a release only while the theme's count of the year is printed.
    """
    from pipelines.testimony.desk import release as run
    from pipelines.testimony.register import Act

    act = Act(who, on, why)
    place = Home.find(home)
    name = run(place, country, response, quotation, theme, language, act, read=read_for_names)
    out.print(f"released    {name}; take it back with: observatory testimony withdraw --help")


@testimony_app.command("withdraw")
def withdraw_words(
    country: CountryArgument,
    quotation: Annotated[str, typer.Argument(help="Its name, for example ZZ-0001.")],
    *,
    who: WhoOption,
    on: DayOption,
    why: WhyOption,
    home: HomeOption = None,
) -> None:
    """Take a quotation back: its words are blanked here and stand in no later candidate.

    A release that holds them already keeps them, as it is signed.
    """
    from pipelines.testimony.desk import withdraw as run
    from pipelines.testimony.register import Act

    run(Home.find(home), country, quotation, Act(who, on, why))
    out.print(f"withdrawn   {quotation}")


@app.command()
def engineers(
    port: Annotated[int, typer.Option(help="On this machine only.")] = 8001,
    show: Annotated[
        bool, typer.Option("--serve/--build-only", help="Whether to show them, until Ctrl-C.")
    ] = True,
    home: HomeOption = None,
) -> None:
    """Build the engineers' pages from the home's records and show them on this machine."""
    from dashboards.engineers import build_pages
    from dashboards.site.serve import serve as run

    built = build_pages(Home.find(home))
    out.print(f"pages       {built.index}")
    if show:
        out.print(f"look at     http://127.0.0.1:{port}/")
        run(built.index.parent, port=port)


@app.command()
def dagster(home: HomeOption = None) -> None:
    """Open Dagster's pages for a home: the graph, runs, sensors and schedules. Stop with Ctrl-C."""
    from pipelines.assets.instance import prepare_instance

    place = Home.find(home)
    prepare_instance(place)
    os.environ.update({HOME_VARIABLE: str(place.root), "DAGSTER_HOME": str(place.dagster)})
    command = Path(sys.executable).with_name("dagster")
    os.execv(command, [str(command), "dev", "--workspace", str(CHECKOUT / "workspace.yaml")])  # noqa: S606


def main() -> None:
    """Run the command; an error that the observatory foresaw is one line, not a stack trace."""
    try:
        app()
    except Foreseen as error:
        err.print(f"[red]error[/red] {error}")
        sys.exit(2)
