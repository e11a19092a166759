// Observable Plot in the page's clothes: charts as wide as their place, redrawn when the place or the theme changes.

const KINDS = {
  judge: { colour: "var(--judge)", symbol: "circle" },
  chosen: { colour: "var(--chosen)", symbol: "circle" },
  people: { colour: "var(--people)", symbol: "diamond" },
  baseline: { colour: "var(--baseline)", symbol: "square" },
};
const colour = (row) => KINDS[row.kind].colour;
const symbol = (row) => KINDS[row.kind].symbol;
const kindOf = (run, chosen) => (run === chosen ? "chosen" : run.baseline ? "baseline" : "judge");

const live = new Set();
const redrawCharts = () => live.forEach((redraw) => redraw());

// `draw` gets a width and gives an SVG. To a screen reader the chart is its label; the numbers stand in a table below it.
function chart(label, draw) {
  const box = el("div.chart", { role: "img", "aria-label": label });
  let width = 0;
  const redraw = () => {
    if (!width) return;
    const drawn = draw(width);
    drawn.setAttribute("aria-hidden", "true"); // Plot labels its parts in a way that no role allows
    box.replaceChildren(drawn);
  };
  new ResizeObserver(([entry]) => {
    const now = Math.round(entry.contentRect.width);
    if (now !== width) {
      width = now;
      redraw();
    }
  }).observe(box);
  live.add(redraw);
  return box;
}

function panel(title, note, content, numbers, { above = null, wide = false } = {}) {
  return el(
    `figure.panel${wide ? ".wide" : ""}`,
    {},
    el("figcaption", {}, el("h3", {}, title), note ? el("p.note", {}, note) : null),
    above,
    content,
    numbers ? el("details", {}, el("summary", {}, "Numbers"), numbers) : null,
  );
}

const percent = (share) => 100 * share;

// The ends of an axis in printed units: the values with their intervals, rounded outward to tens (of per cent) or tenths.
function extent(estimates) {
  const drawn = estimates.filter((estimate) => estimate?.value != null);
  const ends = drawn.flatMap(({ at, from, to }) => [from ?? at, to ?? at]);
  const step = drawn.some(({ unit }) => unit) ? 10 : 0.1;
  const low = ends.length ? step * Math.floor(Math.min(...ends) / step) : 0;
  return [low, Math.max(low + step, ends.length ? step * Math.ceil(Math.max(...ends) / step) : 10 * step)];
}

// One line a row: a dot and its interval, {label, estimate, kind, wide, plain}. A `wide` row is a band between two bounds;
// the chosen judge's rows are bold, unless they are `plain`.
// `rule` is an estimate drawn behind them all.
function forest(rows, { width, rule = null }) {
  const domain = extent([...rows.map((row) => row.estimate), rule]);
  const narrow = width < 520;
  const step = narrow ? 38 : 26;
  const left = narrow ? 4 : Math.min(0.42 * width, 20 + 7 * Math.max(...rows.map((row) => row.label.length)));
  const right = narrow ? 12 : 128;
  const defined = rows.filter((row) => row.estimate.value != null);
  const lift = narrow ? -15 : 0;
  const letters = Math.floor((narrow ? width - 130 : left) / 6.6);
  const label = (bold) =>
    Plot.text(
      rows.filter((row) => (row.kind === "chosen" && !row.plain) === bold),
      {
        y: "label",
        text: (row) => shorten(row.label, letters),
        frameAnchor: "left",
        textAnchor: "start",
        dx: narrow ? 0 : -left + 4,
        dy: lift,
        fontWeight: bold ? 650 : 400,
        fill: "var(--text)",
      },
    );
  const value = (row) => (row.estimate.value == null ? "no value" : `${row.estimate.text}  ${interval(row.estimate)}`);
  return Plot.plot({
    className: "plot",
    width,
    height: rows.length * step + 46,
    marginLeft: left,
    marginRight: right,
    marginTop: narrow ? 18 : 6,
    marginBottom: 38,
    style: { fontSize: "12px" },
    x: {
      domain,
      label: rows.find((row) => row.estimate.unit)?.estimate.unit ?? null,
      grid: true,
      ticks: narrow ? 4 : 6,
      labelAnchor: "center",
      labelArrow: "none",
    },
    y: { type: "point", domain: rows.map((row) => row.label), axis: null, padding: 0.5 },
    marks: [
      rule?.low != null
        ? Plot.rect([rule], { x1: rule.from, x2: rule.to, fill: "var(--people)", fillOpacity: 0.13 })
        : null,
      rule?.value != null
        ? Plot.ruleX([rule.at], { stroke: rule.colour ?? "var(--people)", strokeDasharray: "4 3" })
        : null,
      Plot.ruleY(
        defined.filter((row) => row.wide),
        {
          y: "label",
          x1: (row) => row.estimate.from,
          x2: (row) => row.estimate.to,
          stroke: colour,
          strokeWidth: 12,
          strokeOpacity: 0.35,
        },
      ),
      Plot.ruleY(
        defined.filter((row) => row.estimate.low != null && !row.wide),
        {
          y: "label",
          x1: (row) => row.estimate.from,
          x2: (row) => row.estimate.to,
          stroke: colour,
          strokeWidth: 3,
          strokeOpacity: 0.75,
        },
      ),
      Plot.dot(
        defined.filter((row) => !row.wide),
        {
          x: (row) => row.estimate.at,
          y: "label",
          fill: colour,
          symbol,
          r: 4,
          stroke: "var(--surface)",
          strokeWidth: 1,
        },
      ),
      label(false),
      label(true),
      Plot.text(rows, {
        y: "label",
        text: value,
        frameAnchor: "right",
        textAnchor: "end",
        dx: narrow ? 0 : right - 4,
        dy: lift,
        fill: "var(--muted)",
        fontVariant: "tabular-nums",
      }),
      Plot.tip(
        rows,
        Plot.pointerY({
          y: "label",
          x: (row) => row.estimate.at ?? domain[0],
          title: (row) => `${row.label}\n${story(row.estimate)}`,
        }),
      ),
    ],
  });
}

const shorten = (text, letters) => (text.length > letters ? `${text.slice(0, Math.max(3, letters - 1))}…` : text);

// A cell for every row and column that has an estimate: darker (in the dark: lighter) is higher.
function heat(cells, { width, rows, columns, cellWidth, left, chosen = null, decimals = 1 }) {
  const style = getComputedStyle(document.documentElement);
  const paint = (name) => style.getPropertyValue(name).trim();
  const defined = cells.filter((cell) => cell.estimate?.value != null);
  const values = defined.map((cell) => cell.estimate.value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const turn = Number(paint("--heat-turn")); // from here up the other text colour reads better
  const share = (cell) => (high > low ? (cell.estimate.value - low) / (high - low) : 0);
  const text = (dark, fill) =>
    Plot.text(
      defined.filter((cell) => share(cell) > turn === dark),
      {
        x: "column",
        y: "row",
        text: (cell) => cell.estimate.at.toFixed(cell.estimate.unit ? decimals : 2),
        fill,
        fontVariant: "tabular-nums",
      },
    );
  const label = (bold) =>
    Plot.text(
      rows.filter((name) => (name === chosen) === bold),
      {
        y: (name) => name,
        text: (name) => shorten(name, Math.floor(left / 7)),
        frameAnchor: "left",
        textAnchor: "start",
        dx: -left + 2,
        fill: "var(--text)",
        fontWeight: bold ? 650 : 400,
      },
    );
  const longest = Math.max(...columns.map((name) => name.length));
  const slanted = longest * 6.5 > Math.max(cellWidth, (width - left) / columns.length);
  return Plot.plot({
    className: "plot",
    width: Math.max(width, left + columns.length * cellWidth + (slanted ? 40 : 8)),
    marginLeft: left,
    marginTop: slanted ? 16 + Math.min(longest, 24) * 4.6 : 26,
    marginRight: slanted ? 40 : 8,
    marginBottom: 6,
    height: rows.length * 26 + (slanted ? 16 + Math.min(longest, 24) * 4.6 : 26) + 6,
    style: { fontSize: "12px" },
    x: {
      domain: columns,
      axis: "top",
      label: null,
      tickFormat: (name) => shorten(name, 24),
      tickSize: 0,
      tickRotate: slanted ? -40 : 0,
      padding: 0.04,
    },
    y: { domain: rows, label: null, axis: null, padding: 0.06 },
    color: { type: "linear", domain: [low, high], range: [paint("--heat-low"), paint("--heat-high")] },
    marks: [
      Plot.cell(defined, { x: "column", y: "row", fill: (cell) => cell.estimate.value, rx: 2 }),
      Plot.cell(
        cells.filter((cell) => cell.estimate && cell.estimate.value == null),
        { x: "column", y: "row", stroke: "var(--line)", strokeDasharray: "3 2", rx: 2 },
      ),
      text(false, "var(--heat-on-low)"),
      text(true, "var(--heat-on-high)"),
      label(false),
      label(true),
      Plot.tip(
        cells.filter((cell) => cell.estimate),
        Plot.pointer({
          x: "column",
          y: "row",
          title: (cell) => `${cell.row} – ${cell.column}\n${story(cell.estimate)}`,
        }),
      ),
    ],
  });
}
