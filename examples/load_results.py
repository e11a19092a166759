"""What the results say beyond the leaderboard, with pandas: `python examples/load_results.py [RESULTS]`.

`judgebench.load` gives three frames, items, judgments and scores; `help(judgebench.load)` and `help(frames)` describe
the columns. Shares are fractions, costs US dollars, times seconds. Results hold labels and verdicts, no texts.
"""

from __future__ import annotations

import sys

import judgebench

frames = judgebench.load(sys.argv[1] if len(sys.argv) > 1 else "results", benchmarks=["llmbar", "scalerlab-judgebench"])
items, judgments, scores = frames
thinking = judgments[~judgments.judge.astype(str).str.startswith("baseline:")]

print("Agreement with its interval, from scores.json:")
agreement = scores[(scores.part == "metrics") & (scores.name == "agreement")]
best = agreement.sort_values("value", ascending=False).groupby("benchmark", observed=True).head(3)
print(best[["benchmark", "judge", "value", "low", "high", "n", "questions"]].round(3).to_string(index=False))

print("\nThe same from the judgments, by subset: a mean of `right`, a failure being wrong:")
joined = thinking.merge(items[["benchmark", "item", "subset"]], on=["benchmark", "item"])
joined = joined[joined.benchmark == "scalerlab-judgebench"]
print(joined.pivot_table("right", "judge", "subset", observed=True).round(3).to_string())

print("\nItems that most judges get wrong, in either order: look at their labels before blaming the judges:")
hardest = thinking.groupby(["benchmark", "item"], observed=True).right.agg(["mean", "size"])
print(hardest[hardest["size"] >= 10].sort_values("mean").head(5).round(3).to_string())

print("\nDo judges err on the same items? Correlation of `right` between the three best on LLMBar:")
names = best[best.benchmark == "llmbar"].judge
wide = thinking[thinking.judge.isin(names)].pivot_table("right", ["item", "order"], "judge", observed=True)
print(wide.corr().round(2).to_string())
