"""The ``zwornik`` command: services, keys, tokens, institutions, assessments, the demo, and a doctor."""

import sys

import typer

from services.cli import (
    assess,
    assess_batch,
    compare_reform,
    dead_letters,
    demo_command,
    doctor,
    import_file,
    institutions,
    keys,
    match_keys,
    pii_keys,
    purge,
    reconcile,
    running,
    tokens,
)
from services.cli.conform.command import conform
from services.cli.plain import Commands
from services.cli.programs import Mendable
from shared.domain.errors import DomainError
from shared.exchange.client.broker import InsecureUrl
from shared.exchange.client.local import MalformedToken
from shared.runtime.files import InsecureFile

app = typer.Typer(
    cls=Commands,
    name="zwornik",
    help="Joins labour offices (PUP) and welfare centres (OPS): services, keys, tokens, assessments.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("demo")(demo_command.demo)
app.command("serve")(running.serve)
app.command("work")(running.work)
app.command("migrate")(running.migrate_database)
app.command("token")(tokens.token)
app.command("assess")(assess.assess)
app.command("compare-reform")(compare_reform.compare_reform)
app.command("assess-batch")(assess_batch.assess_batch)
app.command("import")(import_file.import_file)
app.command("reconcile")(reconcile.reconcile)
app.command("evidence")(reconcile.evidence)
app.command("verify")(reconcile.verify)
app.command("purge")(purge.purge)
app.command("doctor")(doctor.doctor)
app.command("conform")(conform)
app.add_typer(keys.keys_app, name="keys")
app.add_typer(match_keys.app, name="match-key")
app.add_typer(pii_keys.app, name="pii-keys")
app.add_typer(institutions.app, name="institutions")
app.add_typer(dead_letters.app, name="dead-letters")


def main() -> None:
    """Run the command; what a person can mend is one line on stderr and exit status 1."""
    try:
        app(prog_name="zwornik")
    except (Mendable, InsecureFile, InsecureUrl, MalformedToken, DomainError) as failure:
        said = str(failure)
    except OSError as failure:
        said = f"{failure.filename}: {failure.strerror}" if failure.filename else str(failure)
    else:
        return
    print(f"zwornik: {said}", file=sys.stderr)
    sys.exit(1)
