// A benchmark's page, and the report card of one judge on it.

const warningBox = (warnings) =>
  warnings.length
    ? el(
        "div.warning",
        { role: "note" },
        el("b", {}, plural(warnings.length, "warning")),
        el(
          "ul",
          {},
          warnings.map((text) => el("li", {}, text)),
        ),
      )
    : null;

// A homepage is a link only where it is a web address.
const web = (address, text) =>
  /^https?:\/\//.test(address) ? el("a", { href: address, rel: "noopener noreferrer" }, text) : text;

const sizes = (bench) => `${plural(bench.items, "item")} from ${plural(bench.questions, "question")}`;

const RANKS =
  "A rank is the places by score that are open to a judge: those that the sample cannot tell apart share them. Pairs of " +
  "judges are compared by question and corrected by Holm's rule, so that all places together hold with 95 %.";

const shownRank = (rank) =>
  rank ? el("span", { "data-tip": RANKS }, rank[0], " ", el("span.ci", {}, `of ${rank[2]}`)) : el("span.absent", {}, "·");

function benchmarkView(bench) {
  const columns = LAYOUT.benchmark;
  // The rank stands behind the score, which is the first column.
  const row = (name, rank, numbers) => [name, shownNumber(numbers[0]), rank, ...numbers.slice(1).map(shownNumber)];
  const rows = bench.runs.map((run) =>
    row(
      el("a", { href: link("run", bench.id, run.judge) }, run.judge),
      shownRank(run.rank),
      columns.map((address) => at(run, address)),
    ),
  );
  const people = withPeople(bench);
  if (people) {
    rows.unshift(
      row(
        "People, one held out",
        null,
        columns.map((address) => ofPerson(people, address)),
      ),
    );
  }
  const labels = columns.map((address) => record(bench, address).label);
  return el(
    "article",
    {},
    el("h1", { tabindex: -1 }, bench.title),
    el("p.lede", {}, bench.description),
    el(
      "p.facts",
      {},
      `${sizes(bench)}; ${bench.labels}; version ${bench.version}; ${bench.authors}; licence: ${bench.licence}; `,
      web(bench.homepage, "source"),
      ".",
    ),
    warningBox(bench.warnings),
    el(
      "p.actions",
      {},
      el(
        "a.button",
        { href: link("items", bench.id, bench.runs[0].judge) },
        `Browse its ${plural(bench.items, "item")}`,
      ),
    ),
    el("h2.sr", {}, "Charts"),
    el(
      "div.panels",
      {},
      judgesFigure(bench, null),
      positionFigure(bench, null),
      subsetsFigure(bench, null),
      matrixFigure(bench, null),
    ),
    el("h2", {}, "Judges"),
    table(["Judge", labels[0], "Rank", ...labels.slice(1)], rows, {
      caption: "With 95 % intervals, shares in per cent; ranks by score",
      numeric: [...labels.keys(), labels.length].map((column) => column + 1),
    }),
    el("p.note", {}, RANKS),
  );
}

function runView(run) {
  const { bench, human } = run;
  return el(
    "article",
    {},
    el(
      "h1",
      { tabindex: -1 },
      isolated(run.judge),
      el("span.on", {}, " on "),
      el("a", { href: link("benchmark", bench.id) }, bench.id),
    ),
    el(
      "p.facts",
      {},
      `${bench.title}: ${sizes(bench)}; ${run.orders}; ${bench.labels}${run.baseline ? "; a baseline, which does not read" : ""}.`,
    ),
    el(
      "dl.tiles",
      {},
      tile(
        `Score (${run.rule})`,
        run.headline,
        `the benchmark's own number, under its own rule${run.rank ? `; rank ${run.rank[0]} of ${run.rank[2]}` : ""}`,
      ),
      LAYOUT.tiles
        .filter((address) => at(run, address))
        .map((address) => {
          const { label, meaning } = record(bench, address);
          return tile(label, at(run, address), (address === LAYOUT.coverage[0] && failures(run)) || meaning);
        }),
    ),
    warningBox([...run.warnings, ...bench.warnings]),
    el(
      "p.actions",
      {},
      el("a.button", { href: link("items", bench.id, run.judge) }, "Browse all items"),
      Object.entries({ wrong: "judged wrong", changed: "it changed its mind", failed: "a trial failed" }).map(
        ([flag, label]) => flagged(run, flag, label, run.flags[flag]),
      ),
      flagged(run, "split", "people disagree", bench.split),
    ),
    el("h2.sr", {}, "Charts"),
    el(
      "div.panels",
      {},
      peopleFigure(bench, run),
      judgesFigure(bench, run),
      lengthFigure(run),
      positionFigure(bench, run),
      calibrationFigure(run),
      riskFigure(run),
      subsetsFigure(bench, run),
      matrixFigure(bench, run),
    ),
    el("h2", {}, "Every number"),
    numbersTable(bench, `${run.rule} and its parts`, { [run.rule]: run.headline, ...run.parts }, "headline."),
    confusionTable(bench, run),
    numbersTable(bench, "Judge against gold and against itself", run.metrics, ""),
    Object.keys(human).length
      ? numbersTable(bench, "People", human, "human.")
      : el("p.note", {}, `No human baseline: ${bench.labels}.`),
    coverageTable(run),
    publishedTable(run),
    el("h2", {}, "How it was made"),
    el(
      "dl.made",
      {},
      run.made.map(([what, value]) => [el("dt", {}, what), el("dd", {}, value)]),
    ),
  );
}

const tile = (label, estimate, note) =>
  el(
    "div",
    {},
    el("dt", {}, label),
    el(
      "dd",
      {},
      estimate ? shownNumber(estimate) : "·",
      el("small", {}, estimate && estimate.value == null ? estimate.reason : note),
    ),
  );

const failures = (run) =>
  Object.entries(run.coverage.failures)
    .map(([what, number]) => `${count(number)} ${what}`)
    .join(", ");

const flagged = (run, flag, label, number) =>
  number
    ? el("a.button", { href: `${link("items", run.bench.id, run.judge)}?show=${flag}` }, `${label} (${count(number)})`)
    : null;

function numbersTable(bench, caption, estimates, prefix) {
  const defined = Object.entries(estimates).filter(([, estimate]) => estimate);
  const rows = defined.map(([what, e]) => [
    [el("code", {}, what), el("small", {}, record(bench, `${prefix}${what}`).meaning)],
    e.value == null ? shownNumber(e) : e.text,
    interval(e),
    count(e.n),
    e.questions ? count(e.questions) : "",
    e.value == null ? e.reason : e.method,
  ]);
  return table(["", "value", "95 % interval", "n", "questions", "method"], rows, { caption, numeric: [1, 2, 3, 4] });
}

function confusionTable({ kind, classes }, { metrics }) {
  if (kind !== "classes") return null;
  const said = [...classes, ""];
  const rows = classes.map((gold) => [gold, ...said.map((label) => metrics[`confusion[${gold},${label}]`].text)]);
  return table(["gold", ...classes.map((label) => `says ${label}`), "no label"], rows, {
    caption: "What gold says and what the judge says (trials)",
    numeric: said.map((_, column) => column + 1),
  });
}

function coverageTable({ coverage }) {
  const rows = [["ok", coverage.ok], ...Object.entries(coverage.failures)].map(([what, number]) => [
    what,
    count(number),
  ]);
  return table(["", "trials"], [...rows, ["wanted", count(coverage.wanted)]], {
    caption: "What became of every trial",
    numeric: [1],
  });
}

function publishedTable({ published }) {
  if (!published.length) return null;
  return table(
    ["", "printed", "here", "", "where"],
    published.map(([what, printed, shown, lands, source]) => [
      el("code", {}, what),
      printed,
      shownNumber(num(shown)),
      lands ? "equal as printed" : shown ? "differs" : "",
      source,
    ]),
    { caption: "Published numbers, per cent", numeric: [1, 2] },
  );
}
