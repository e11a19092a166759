// What every name on the page means: the metrics, the numbers about people, and each benchmark's own rule.

const KIND_TITLES = {
  pairs: "Two responses",
  ratings: "One response, one number",
  sets: "The best of several",
  steps: "The first wrong step",
  classes: "One response, one of several labels",
};

function glossaryView() {
  const words = (caption, entries) =>
    table(
      ["name", "meaning"],
      entries.map(([name, text]) => [el("code", {}, name), text]),
      { caption },
    );
  return el(
    "article.glossary",
    {},
    el("h1", { tabindex: -1 }, "Glossary"),
    el(
      "p.lede",
      {},
      "Every number is computed from the recorded verdicts. Shares are printed in per cent; coefficients, log-odds and " +
        "points as they are. Intervals hold at 95 % and resample questions, not items.",
    ),
    words(
      "Scores: each benchmark's own number",
      benches.map((bench) => [`${bench.rule} (${bench.id})`, bench.gloss]),
    ),
    Object.entries(GLOSSARY.metrics).map(([kind, texts]) =>
      words(`Judge against gold and against itself: ${KIND_TITLES[kind].toLowerCase()}`, texts),
    ),
    words("People", GLOSSARY.people),
  );
}
