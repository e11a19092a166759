// Building the page. Data reaches the document as text or as an attribute, never as markup.

// el("a.link", {href: "#/"}, "text", other) makes an element; null children are left out, `on...` are listeners.
function el(kind, attributes, ...children) {
  const [tag, ...classes] = kind.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value == null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return node;
}

const byId = (id) => document.getElementById(id);
const count = (number) => number.toLocaleString("en");
const sentence = (text) => (text.endsWith(".") ? text : `${text}.`);
const plural = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

// A name that may hold anything, its direction of writing included.
const isolated = (text) => el("bdi", {}, text);

// A place on the page: link("run", benchmark, judge). Every part may hold anything.
const link = (...parts) => `#/${parts.map(encodeURIComponent).join("/")}`;

// An estimate as numbers.py ships it: `text`, `lowText` and `highText` are what is printed, in `unit`; `at`, `from` and
// `to` are where it is drawn, in the same unit; the rest is as in scores.json.
function num(shown) {
  if (!shown) return null;
  const [text, lowText, highText, value, low, high, n, questions, level, method, reason, scale] = shown;
  const drawn = (number) => (number == null ? null : scale * number);
  return {
    ...{ text, lowText, highText, value, low, high, n, questions, level, method, reason },
    ...{ at: drawn(value), from: drawn(low), to: drawn(high), unit: scale === 100 ? "per cent" : "" },
  };
}

function interval({ lowText, highText }) {
  return lowText == null ? "" : `${lowText}${lowText.startsWith("−") ? " to " : "–"}${highText}`;
}

// The whole story of a number in a line, for a tooltip.
function story(estimate) {
  if (estimate.value == null) return `No value: ${estimate.reason}`;
  const range =
    estimate.lowText == null
      ? "no interval"
      : `${100 * estimate.level} % interval ${estimate.lowText} to ${estimate.highText}`;
  const questions = estimate.questions ? ` in ${plural(estimate.questions, "question")}` : "";
  return `${estimate.text}, ${range}; n = ${count(estimate.n)}${questions}; ${estimate.method}`;
}

// A number with its interval. An undefined one is n/a and says why, to the pointer and to the keyboard.
function shownNumber(estimate) {
  if (!estimate) return el("span.absent", {}, "·");
  if (estimate.value == null) {
    const why = story(estimate);
    return el("span.undefined", { tabindex: 0, role: "note", "data-tip": why, "aria-label": why }, "n/a");
  }
  return el(
    "span",
    { "data-tip": story(estimate) },
    el("b", {}, estimate.text),
    estimate.lowText == null ? null : [" ", el("span.ci", {}, interval(estimate))],
  );
}

// Rows of cells under a head; the first cell of a row is its header. `numeric` columns stand to the right.
function table(head, rows, { caption = null, numeric = [] } = {}) {
  const kind = (column) => (numeric.includes(column) ? ".num" : "");
  return el(
    "div.scroll",
    { tabindex: 0, role: "group", "aria-label": caption ?? head.join(", ") },
    el(
      "table",
      {},
      caption ? el("caption", {}, caption) : null,
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          head.map((label, column) => el(`th${kind(column)}`, { scope: "col" }, label || el("span.sr", {}, "what"))),
        ),
      ),
      el(
        "tbody",
        {},
        rows.map((row) =>
          el(
            "tr",
            {},
            row.map((cell, column) =>
              column ? el(`td${kind(column)}`, {}, cell ?? "") : el("th", { scope: "row" }, cell ?? ""),
            ),
          ),
        ),
      ),
    ),
  );
}

// The text with every occurrence of `wanted` (in lower case) in a <mark>.
function marked(text, wanted) {
  if (!wanted) return [text];
  const lower = text.toLowerCase();
  const parts = [];
  let from = 0;
  if (lower.length === text.length) {
    // lower case may change a text's length, and then nothing fits
    for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, from)) {
      parts.push(text.slice(from, at), el("mark", {}, text.slice(at, at + wanted.length)));
      from = at + wanted.length;
    }
  }
  return [...parts, text.slice(from)];
}

// What has data-tip says it on hover and on focus, in one element that no scrolling box cuts off.
function tooltips() {
  const tip = byId("tip");
  const hide = () => {
    tip.hidden = true;
  };
  const show = (event) => {
    const about = event.target.closest?.("[data-tip]");
    if (!about) return hide();
    tip.textContent = about.dataset.tip;
    tip.hidden = false;
    const at = about.getBoundingClientRect();
    const left = Math.min(Math.max(8, at.left), document.documentElement.clientWidth - tip.offsetWidth - 8);
    const below = at.bottom + 6;
    const fits = below + tip.offsetHeight < document.documentElement.clientHeight;
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${fits ? below : at.top - tip.offsetHeight - 6}px`;
  };
  document.addEventListener("pointerover", show);
  document.addEventListener("focusin", show);
  document.addEventListener("focusout", hide);
  document.addEventListener("scroll", hide, true);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
}
