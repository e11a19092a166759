// The figures of a benchmark, with one judge chosen or none. Each is null where there is nothing to draw.

// Numbers of a forest, as a table.
const forestTable = (caption, rows) =>
  table(
    ["", "value", "95 % interval", "n", "questions", "method"],
    rows.map(({ label, estimate: e, href }) => [
      href ? el("a", { href }, label) : label,
      e.value == null ? shownNumber(e) : e.text,
      interval(e),
      count(e.n),
      count(e.questions),
      e.value == null ? e.reason : e.method,
    ]),
    { caption, numeric: [1, 2, 3, 4] },
  );

function judgesFigure(bench, chosen) {
  const available = LAYOUT.versus.filter((address) => bench.runs.some((run) => at(run, address)));
  const holder = el("div", {});
  const numbers = el("div", {});
  const draw = (address) => {
    const { label, better } = record(bench, address);
    const worst = (estimate) => (estimate.value == null ? -Infinity : (better || 1) * estimate.value);
    const rows = bench.runs
      .filter((run) => at(run, address))
      .map((run) => ({
        label: run.judge,
        estimate: at(run, address),
        kind: kindOf(run, chosen),
        href: link("run", bench.id, run.judge),
      }))
      .sort((a, b) => (worst(a.estimate) === worst(b.estimate) ? 0 : worst(b.estimate) - worst(a.estimate)));
    const rule = withPeople(bench) ? (ofPerson(withPeople(bench), address) ?? null) : null;
    holder.replaceChildren(
      chart(`${label} of ${rows.length} judges with 95 % intervals; the numbers are in the table below`, (width) =>
        forest(rows, { width, rule }),
      ),
      rule ? el("p.note", {}, `The dashed line is people: ${rule.text} [${interval(rule)}].`) : "",
    );
    numbers.replaceChildren(forestTable(label, rows));
  };
  const select = el(
    "select",
    { onchange: (event) => draw(event.target.value) },
    available.map((address) => el("option", { value: address }, record(bench, address).label)),
  );
  draw(available[0]);
  return panel("Judges side by side", `Score is ${sentence(`${bench.rule}: ${bench.gloss}`)}`, holder, numbers, {
    above: el("label.choice", {}, "Show ", select),
  });
}

function peopleFigure(bench, run) {
  const [low, high] = LAYOUT.ceiling.map((address) => at(run, address));
  const [agreement, judge, person, judgeWithOne, personWithOne] = LAYOUT.people.map((address) => at(run, address));
  if (!person) return null;
  const ceiling =
    low?.value != null && high?.value != null
      ? {
          ...high,
          ...{ low: low.value, high: high.value, from: low.at, to: high.at },
          ...{ text: "", lowText: low.text, highText: high.text },
        }
      : null;
  const rows = [
    ["Judge, against gold", agreement, "chosen"],
    ["Judge, against the other people", judge, "chosen"],
    ["Person, against the other people", person, "people"],
    ["Judge, against one person", judgeWithOne, "chosen"],
    ["Person, against one person", personWithOne, "people"],
    ["Ceiling, against one person", ceiling, "people"],
  ]
    .filter(([, estimate]) => estimate)
    .map(([label, estimate, kind]) => ({ label, estimate, kind, wide: estimate === ceiling }));
  const gap = at(run, LAYOUT.gap[0]);
  return panel(
    "The judge and the human ceiling",
    gap?.value == null
      ? null
      : `Judge minus person, on the same held-out references: ${gap.text} points [${gap.lowText} to ${gap.highText}].`,
    chart("Agreement of the judge and of people; the numbers are in the table below", (width) =>
      forest(rows, { width }),
    ),
    forestTable("Judge and people", rows),
  );
}

function positionFigure(bench, chosen) {
  const all = bench.runs
    .map((run) => ({ run, ...Object.fromEntries(["x", "y", "steady"].map((of, i) => [of, at(run, LAYOUT.position[i])])) }))
    .filter(({ x, y }) => x?.value != null && y?.value != null)
    .map(({ run, ...numbers }) => ({ label: run.judge, kind: kindOf(run, chosen), ...numbers }));
  const why = chosen && at(chosen, LAYOUT.position[0])?.reason;
  if (why) return panel("Position bias", `Not known: ${why}.`);
  if (!all.length) return null;
  const judges = all.filter((row) => row.kind !== "baseline");
  const reach = Math.max(...(judges.length ? judges : all).flatMap(({ x, y }) => [x.to ?? x.at, y.to ?? y.at]));
  const end = Math.min(100, Math.max(10, 5 * Math.ceil(0.22 * reach)));
  const inside = (row) => row.x.at <= end && row.y.at <= end;
  const rows = all.filter(inside);
  const outside = all.filter((row) => !inside(row));
  // One name for judges that stand on the same spot.
  const spots = new Map();
  const few = judges.length <= 9 ? (judges.length ? ["judge"] : ["baseline"]) : [];
  for (const row of rows.filter(({ kind }) => kind === "chosen" || few.includes(kind))) {
    const [spot, name] = [`${row.x.text} ${row.y.text}`, shorten(row.label, 24)];
    spots.set(
      spot,
      spots.has(spot) ? { ...spots.get(spot), label: `${spots.get(spot).label}, ${name}` } : { ...row, label: name },
    );
  }
  const named = [...spots.values()];
  const across = (row, x1, x2) => ({ ...row, x1, x2 });
  const levels = [5, 10, 20, 30, 40, 50, 60].filter((level) => level <= 0.9 * end && level >= end / 5); // inconsistent, %
  const right = (row) => row.x.at > 0.6 * end;
  const names = (before) =>
    Plot.text(
      named.filter((row) => right(row) === before),
      {
        x: (row) => row.x.at,
        y: (row) => row.y.at,
        text: "label",
        dx: before ? -8 : 8,
        dy: -11,
        textAnchor: before ? "end" : "start",
        fill: "var(--text)",
        stroke: "var(--surface)",
        strokeWidth: 4,
        fontWeight: 600,
      },
    );
  const draw = (width) => {
    const side = Math.min(width, 460);
    return Plot.plot({
      className: "plot",
      width: side,
      height: side,
      marginLeft: 48,
      marginBottom: 44,
      marginRight: 20,
      marginTop: 16,
      style: { fontSize: "12px" },
      x: {
        domain: [0, end],
        label: "leans to the first slot, % of pairs",
        labelAnchor: "center",
        labelArrow: "none",
        ticks: 5,
      },
      y: {
        domain: [0, end],
        label: "leans to the second slot, % of pairs",
        labelAnchor: "center",
        labelArrow: "none",
        ticks: 5,
      },
      marks: [
        Plot.link(levels, { x1: 0, y1: (d) => d, x2: (d) => d, y2: 0, stroke: "var(--line)" }),
        Plot.text(levels, {
          x: (d) => d / 2,
          y: (d) => d / 2,
          text: (d) => `${100 - d} % consistent`,
          rotate: 45,
          dy: -6,
          fill: "var(--muted)",
          fontSize: 10,
        }),
        Plot.link([0], { x1: 0, y1: 0, x2: end, y2: end, stroke: "var(--muted)", strokeDasharray: "4 3" }),
        Plot.frame({ stroke: "var(--line)" }),
        Plot.link(
          rows
            .filter((row) => row.kind === "chosen")
            .flatMap((row) => [
              across(row, [row.x.from, row.y.at], [row.x.to, row.y.at]),
              across(row, [row.x.at, row.y.from], [row.x.at, row.y.to]),
            ]),
          {
            x1: (d) => d.x1[0],
            y1: (d) => d.x1[1],
            x2: (d) => Math.min(end, d.x2[0]),
            y2: (d) => Math.min(end, d.x2[1]),
            stroke: "var(--chosen)",
            strokeWidth: 2,
          },
        ),
        Plot.dot(rows, {
          x: (row) => row.x.at,
          y: (row) => row.y.at,
          fill: colour,
          symbol,
          r: 5,
          stroke: "var(--surface)",
        }),
        names(false),
        names(true),
        Plot.tip(
          rows,
          Plot.pointer({
            x: (row) => row.x.at,
            y: (row) => row.y.at,
            title: (row) =>
              `${row.label}\nfirst slot ${row.x.text} [${interval(row.x)}]\nsecond slot ${row.y.text} [${interval(row.y)}]\nconsistent ${row.steady.text}`,
          }),
        ),
      ],
    });
  };
  const beyond = outside.map((row) => `${row.label} (${row.x.text}, ${row.y.text})`).join(", ");
  return panel(
    "Position bias: primacy and recency",
    `Pairs whose verdict leans to a slot when the responses swap places. On the dashed diagonal neither slot is favoured; nearer to the corner is steadier.${beyond ? ` Outside: ${beyond}.` : ""}`,
    chart("Lean to the first slot against lean to the second; the numbers are in the table below", draw),
    table(
      ["", "first slot", "interval", "second slot", "interval", "consistent"],
      all.map((row) => [row.label, row.x.text, interval(row.x), row.y.text, interval(row.y), row.steady.text]),
      { caption: "Lean to a slot, per cent of pairs", numeric: [1, 2, 3, 4, 5] },
    ),
  );
}

function lengthFigure(run) {
  if (!run.length) return null;
  const rows = run.length.bins
    .map(([name, shown]) => ({ label: name, estimate: num(shown), kind: "chosen", plain: true }))
    .map((row) => ({
      ...row,
      label: `${row.label}${row.estimate.value == null ? "" : ` (${count(row.estimate.n)})`}`,
    }));
  const [picks, longer] = [num(run.length.picks_longer), num(run.length.right_is_longer)];
  const pull = [
    ["Judge", at(run, LAYOUT.length[0]), "chosen"],
    ["People, mean", at(run, LAYOUT.length[1]), "people"],
  ]
    .filter(([, estimate]) => estimate?.value != null)
    .map(([label, estimate, kind]) => ({ label, estimate, kind, plain: true }));
  return panel(
    "Length",
    el(
      "span",
      {},
      "Agreement with gold by how long the right response is next to the wrong one (pairs in brackets). A judge that length does not sway is level. ",
      picks.value == null
        ? ""
        : `Its decisive verdicts go to the longer response in ${picks.text} % [${interval(picks)}]; the right one is the longer one in ${longer.text} % [${interval(longer)}].`,
    ),
    [
      chart("Agreement by length difference; the numbers are in the table below", (width) => forest(rows, { width })),
      pull.length
        ? [
            el(
              "p.note",
              {},
              "The pull of length itself: log-odds of choosing the longer response when gold is the same. 0 is none.",
            ),
            chart("Length effect of the judge and of people; the numbers are in the table below", (width) =>
              forest(pull, { width, rule: { value: 0, at: 0, colour: "var(--muted)" } }),
            ),
          ]
        : null,
    ],
    [
      forestTable("Agreement by length of the right response", rows),
      pull.length ? forestTable("Log-odds of choosing the longer response at equal gold", pull) : null,
    ],
  );
}

function subsetsFigure(bench, chosen) {
  const names = Object.keys(bench.runs.find((run) => Object.keys(run.subsets).length)?.subsets ?? {});
  if (names.length < 2) return null;
  const runs = bench.runs.filter((run) => names.some((name) => run.subsets[name]));
  const cells = runs.flatMap((run) =>
    names.map((name) => ({ row: run.judge, column: name, estimate: run.subsets[name]?.headline })),
  );
  const rows = runs.map((run) => run.judge);
  const left = 16 + 7.2 * Math.min(32, Math.max(...rows.map((name) => name.length)));
  return panel(
    "Score by subset",
    "Darker is better (in the dark: lighter); intervals are on the numbers.",
    el(
      "div.scroll",
      { tabindex: 0, role: "group", "aria-label": "Score by subset, chart" },
      chart("Score of every judge on every subset; the numbers are in the table below", (width) =>
        heat(cells, {
          width,
          rows,
          columns: names,
          cellWidth: 64,
          left: width < 520 ? Math.min(left, 130) : left,
          chosen: chosen?.judge,
        }),
      ),
    ),
    table(
      ["", ...names],
      runs.map((run) => [run.judge, ...names.map((name) => shownNumber(run.subsets[name]?.headline))]),
      { caption: `${bench.rule} by subset, per cent`, numeric: names.map((_, index) => index + 1) },
    ),
    { wide: true },
  );
}

function calibrationFigure(run) {
  const found = run.confidence;
  if (!found?.bins.length) return null;
  const bins = found.bins.map(([mean, shown]) => ({ mean, estimate: num(shown) }));
  const draw = (width) => {
    const side = Math.min(width, 380);
    return Plot.plot({
      className: "plot",
      width: side,
      height: side,
      marginLeft: 48,
      marginBottom: 44,
      style: { fontSize: "12px" },
      x: { domain: [0, 100], label: "stated confidence, %", labelAnchor: "center", labelArrow: "none" },
      y: { domain: [0, 100], label: "right, %", labelAnchor: "center", labelArrow: "none", grid: true },
      marks: [
        Plot.link([0], { x1: 0, y1: 0, x2: 100, y2: 100, stroke: "var(--muted)", strokeDasharray: "4 3" }),
        Plot.ruleX(
          bins.filter((bin) => bin.estimate.low != null),
          {
            x: (bin) => percent(bin.mean),
            y1: (bin) => bin.estimate.from,
            y2: (bin) => bin.estimate.to,
            stroke: "var(--chosen)",
            strokeWidth: 2,
          },
        ),
        Plot.dot(bins, {
          x: (bin) => percent(bin.mean),
          y: (bin) => bin.estimate.at,
          r: (bin) => bin.estimate.n,
          fill: "var(--chosen)",
          stroke: "var(--surface)",
        }),
        Plot.tip(
          bins,
          Plot.pointer({
            x: (bin) => percent(bin.mean),
            y: (bin) => bin.estimate.at,
            title: (bin) => `stated ${percent(bin.mean).toFixed(1)} %\nright ${story(bin.estimate)}`,
          }),
        ),
      ],
      r: { range: [3, 10] },
    });
  };
  return panel(
    "Calibration",
    `Does its confidence mean what it says? On the dashed line it does; below it the judge is too sure. ${count(found.n)} of ${count(found.of)} verdicts carry a confidence.`,
    chart("Accuracy against stated confidence; the numbers are in the table below", draw),
    table(
      ["stated", "right", "interval", "n"],
      bins.map(({ mean, estimate: e }) => [percent(mean).toFixed(1), e.text, interval(e), count(e.n)]),
      { caption: "Stated confidence and accuracy, per cent", numeric: [1, 2, 3] },
    ),
  );
}

function riskFigure(run) {
  if (!run.confidence) return null;
  const points = run.confidence.curve.map(([coverage, risk]) => ({ x: percent(coverage), y: percent(risk) }));
  const draw = (width) =>
    Plot.plot({
      className: "plot",
      width: Math.min(width, 440),
      height: Math.min(width, 440) * 0.7,
      marginLeft: 48,
      marginBottom: 44,
      style: { fontSize: "12px" },
      x: {
        domain: [0, 100],
        label: "kept: the verdicts it is surest of, %",
        labelAnchor: "center",
        labelArrow: "none",
      },
      y: {
        domain: [0, Math.max(10, ...points.map((point) => point.y))],
        nice: true,
        grid: true,
        label: "wrong among those, %",
        labelAnchor: "center",
        labelArrow: "none",
      },
      marks: [
        Plot.line(points, { x: "x", y: "y", stroke: "var(--chosen)", strokeWidth: 2, curve: "step-before" }),
        Plot.dot(points, { x: "x", y: "y", fill: "var(--chosen)", r: points.length > 30 ? 1.5 : 3 }),
        Plot.tip(
          points,
          Plot.pointerX({
            x: "x",
            y: "y",
            title: (point) => `the surest ${point.x.toFixed(1)} %\n${point.y.toFixed(1)} % of them wrong`,
          }),
        ),
      ],
    });
  return panel(
    "Risk and coverage",
    "What is left of the errors when only the verdicts it is surest of are kept.",
    chart("Error rate against the share of verdicts kept; the numbers are in the table below", draw),
    table(
      ["kept", "wrong"],
      points.map((point) => [point.x.toFixed(1), point.y.toFixed(1)]),
      { caption: "Per cent of verdicts", numeric: [1] },
    ),
  );
}

function matrixFigure(bench, chosen) {
  if (!bench.matrix) return null;
  const { judges, cells: triangle } = bench.matrix;
  const keys = judges.map((_, index) => String(index + 1));
  const row = (index) => `${keys[index]}  ${judges[index]}`;
  const at = (one, other) => num(triangle[Math.max(one, other)][Math.min(one, other)]);
  const cells = judges.flatMap((_, one) =>
    judges.flatMap((__, other) =>
      one === other ? [] : [{ row: row(one), column: keys[other], estimate: at(one, other) }],
    ),
  );
  const rows = judges.map((_, index) => row(index));
  const left = 20 + 7.2 * Math.min(34, Math.max(...rows.map((name) => name.length)));
  const wide = judges.length > 12;
  return panel(
    "Judge by judge",
    "How often two judges give the same verdict on the same trial, right or wrong; a failure agrees with nothing. Columns are numbered as the rows are.",
    el(
      "div.scroll",
      { tabindex: 0, role: "group", "aria-label": "Judge by judge, chart" },
      chart("Share of equal verdicts of every two judges; the numbers are in the table below", (width) =>
        heat(cells, {
          width,
          rows,
          columns: keys,
          cellWidth: wide ? 26 : 44,
          left: width < 520 ? Math.min(left, 130) : left,
          chosen: chosen ? row(judges.indexOf(chosen.judge)) : null,
          decimals: wide ? 0 : 1,
        }),
      ),
    ),
    table(
      ["", ...judges],
      judges.map((name, one) => [
        name,
        ...judges.map((_, other) => (one === other ? "" : shownNumber(at(one, other)))),
      ]),
      { caption: "Same verdict, per cent", numeric: judges.map((_, index) => index + 1) },
    ),
    { wide: true },
  );
}
