"""The command line: one function per verb. Whatever is slow to import is imported by the verb that needs it."""

from judgebench.cli import data, doctor, pairs, running, scoring
from judgebench.cli.group import cli, main

# In the order a newcomer meets them.
for verb in (
    running.run, running.retry, running.grade, data.ls, data.data, running.import_, pairs.build_pairs, scoring.score,
    scoring.compare, scoring.plan, scoring.analyze, scoring.leaderboard, scoring.report, scoring.export,
    scoring.submit_check, doctor.doctor,
):  # fmt: skip
    cli.add_command(verb)

__all__ = ["cli", "main"]
