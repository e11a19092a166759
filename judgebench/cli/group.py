"""What all verbs share: the group itself, how errors end, options that recur, and how things are printed."""

from __future__ import annotations

import codecs
import io
import os
import shutil
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import click

from judgebench import options
from judgebench.errors import InputError, JudgebenchError, UnknownName
from judgebench.extensions import VERSION


class Verbs(click.Group):
    """Lists the choices when a verb is mistyped, and keeps the verbs in the order a newcomer meets them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        return list(self.commands)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            raise UnknownName("command", args[0], self.commands)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except JudgebenchError:
            if _VERBOSE in ctx.meta:
                traceback.print_exc()
            raise


def _go_offline(context: click.Context, _: click.Parameter, offline: bool) -> None:  # noqa: FBT001
    """Set the variables, until the command ends, so that the hub's libraries and transformers hold to it as well."""
    if not offline and os.environ.get("JUDGEBENCH_OFFLINE", "0") in ("", "0"):
        return
    for name in ("JUDGEBENCH_OFFLINE", "HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "TRANSFORMERS_OFFLINE"):
        restore = partial(os.environ.__setitem__, name) if name in os.environ else partial(os.environ.pop, name)
        context.call_on_close(partial(restore, os.environ.get(name)))
        os.environ[name] = "1"


_VERBOSE = "judgebench.verbose"


def _be_verbose(context: click.Context, _: click.Parameter, verbose: bool) -> None:  # noqa: FBT001
    if verbose:
        context.meta[_VERBOSE] = True


_flag = partial(click.option, is_flag=True, expose_value=False)
verbose_option = _flag("-v", "--verbose", callback=_be_verbose, help="Show where in the code an error came up.")
offline_option = _flag(
    "--offline",
    is_eager=True,
    callback=_go_offline,
    help="Download nothing, as with JUDGEBENCH_OFFLINE=1: no data, no prompts, no models.",
)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(VERSION, prog_name="judgebench")
@offline_option
@verbose_option
def cli() -> None:
    """How far can you trust an LLM judge? Agreement with people, consistency when the answers swap places, and the
    human baseline, each with an interval."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a verb; an error is one line on stderr, and the exit code says whose it is (see judgebench.errors)."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started this, as some schedulers do
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
        _write_anything(getattr(sys, name))
    try:
        code = cli.main(args=None if arguments is None else list(arguments), standalone_mode=False)
    except JudgebenchError as error:
        _stop(str(error), error.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        sys.exit(InputError.exit_code)
    except click.ClickException as error:
        _stop(error.format_message(), InputError.exit_code)
    except click.Abort:
        _stop("interrupted; what was answered is saved, and the same command goes on from there", 130)
    except SystemExit:
        if "PacifyFlushWrapper" in type(sys.stdout).__name__:  # click's sign that a reader (head, less) has enough
            sys.exit(0)
        raise
    except OSError as error:
        _stop(f"{error.filename or 'input or output'}: {error.strerror or error}", JudgebenchError.exit_code)
    sys.exit(code if isinstance(code, int) else 0)


def _write_anything(stream: TextIO) -> None:
    """No character ends a verb: where the locale knows only ASCII (LANG=C), text is written as UTF-8, with the bytes of
    file names as they are; elsewhere what the terminal's encoding lacks is escaped."""
    if isinstance(stream, io.TextIOWrapper):
        if codecs.lookup(stream.encoding).name == "ascii":
            stream.reconfigure(encoding="utf-8", errors="surrogateescape")
        else:
            stream.reconfigure(errors="backslashreplace")


def _stop(message: str, code: int) -> None:
    click.echo(f"judgebench: {' '.join(message.split())}", err=True)
    sys.exit(code)


class Declared(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """An option of judgebench's own declaration, so that the command line refuses what Python refuses."""

    def __init__(self, option: options.Option) -> None:
        self.option = option
        self.name = option.name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return self.option.reader(str(value))
        except ValueError:
            self.fail(f"it is {self.option.what}, not {value!r}", param, ctx)

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:  # noqa: ARG002
        return self.option.metavar


def listed(_: click.Context, __: click.Parameter, typed: tuple[str, ...]) -> tuple[str, ...]:
    """Names between commas, unless a file is called so."""
    return tuple(part for names in typed for part in ([names] if Path(names).is_file() else options.listed(names)))


def key_values(flag: str, name: str, help_text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option(flag, name, multiple=True, callback=lambda _, __, typed: options.pairs(typed), help=help_text)


path = click.Path(path_type=Path)
share = click.FloatRange(0, 1, min_open=True, max_open=True)
names_argument = click.argument("names", nargs=-1)
run_folders = click.argument("runs", nargs=-1, required=True, type=path)
as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
output_dir = click.option(
    "--output-dir", "results", type=path, default=options.RESULTS, show_default=True, help="Where runs are kept."
)
benchmarks_option = click.option(
    "-b", "--benchmarks", callback=listed, multiple=True, help="Benchmarks, separated by commas; see `judgebench ls`."
)


def aside(line: str) -> None:
    """On stderr: what goes on, beside what was asked for."""
    click.echo(line, err=True)


def print_line(scores: Any) -> None:
    from judgebench.report.card import one_line

    click.echo(f"{scores.judge}: {one_line(scores)}")


NARROWEST = 40
"""Columns that a table is laid out for at least."""


def terminal_width() -> int | None:
    """In columns; None where nobody looks: a pipe gets whole lines, unless COLUMNS says how long they may be."""
    if "COLUMNS" in os.environ or sys.stdout.isatty():
        return max(NARROWEST, shutil.get_terminal_size().columns)
    return None


def print_table(table: Any, *, as_json: bool) -> None:
    from judgebench.report import tables

    click.echo(tables.as_json(table) if as_json else tables.as_text(table, terminal_width()), nl=False)


def print_json(value: Any) -> None:
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=1).decode())
