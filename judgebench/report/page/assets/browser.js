// The item browser: a list of any length beside one item. Only the rows in sight are in the document.

const ROW = 62; // pixels, as in page.css
const FILTERS = [
  ["wrong", "w", "wrong", "Some verdict is not gold"],
  ["changed", "c", "changed its mind", "The verdict differs between the orders"],
  ["split", "p", "people disagree", "Not all people say the same"],
  ["failed", "f", "failed", "Some trial has no verdict"],
];
const MARKS = { r: ["✓", "right"], w: ["✗", "wrong"], f: ["!", "failed"], "-": ["", ""] };

async function browserView(run, wantedItem, query) {
  const { bench } = run;
  const filters = FILTERS.filter(([name]) => name !== "split" || bench.rated);
  const [items, pack] = await Promise.all([unpack(bench.pack), unpack(run.pack)]);
  const said = items.said[bench.runs.indexOf(run)];
  const found = search(items, pack);
  const state = {
    show: new Set(query.getAll("show").filter((name) => filters.some(([known]) => known === name))),
    text: query.get("q") ?? "",
    subset: query.get("subset") ?? "",
    rows: [],
    at: -1,
  };

  const box = el("input", {
    type: "search",
    id: "item-search",
    placeholder: "Search all texts",
    value: state.text,
    autocomplete: "off",
    spellcheck: "false",
  });
  const toggles = filters.map(([name, key, label, title]) =>
    el(
      "button.toggle",
      {
        type: "button",
        "aria-pressed": String(state.show.has(name)),
        "data-tip": `${title} (key ${key})`,
        onclick: () => toggle(name),
      },
      label,
    ),
  );
  const subsets = [...new Set(items.subset.filter((name) => name != null))];
  const subset =
    subsets.length < 2
      ? null
      : el(
          "select",
          {
            "aria-label": "Subset",
            onchange: (event) => {
              state.subset = event.target.value;
              refresh();
            },
          },
          el("option", { value: "" }, "all subsets"),
          subsets.map((name) => el("option", { value: name, selected: name === state.subset }, name)),
        );
  const judge = el(
    "select",
    {
      "aria-label": "Judge",
      onchange: (event) => go(link("items", bench.id, event.target.value, ...current()) + settings()),
    },
    bench.runs.map((other) => el("option", { value: other.judge, selected: other === run }, other.judge)),
  );
  const tally = el("output", { "aria-live": "polite" });
  const list = virtualList(
    (index) => open(index),
    (index) => rowOf(items, said, index, subsets.length > 1),
  );
  const detail = el("section.detail", { "aria-label": "Item", tabindex: -1 });
  const view = el(
    "article.browser",
    {},
    el(
      "h1",
      { tabindex: -1 },
      "Items of ",
      el("a", { href: link("benchmark", bench.id) }, bench.id),
      el("span.on", {}, " as judged by "),
      el("a", { href: link("run", bench.id, run.judge) }, run.judge),
    ),
    bench.texts < bench.items
      ? el(
          "p.note",
          {},
          bench.texts
            ? `${count(bench.items - bench.texts)} items have no texts here: they have changed since they were judged.`
            : "Labels and verdicts only: the texts were not at hand, or left out, when this page was made.",
        )
      : null,
    el(
      "div.filters",
      { role: "search" },
      el("label", {}, "Judge ", judge),
      el("label.grow", {}, el("span.sr", {}, "Search items"), box),
      subset,
      el("div.toggles", { role: "group", "aria-label": "Show only" }, toggles),
      tally,
    ),
    el("div.panes", {}, list.node, detail),
  );

  function current() {
    return state.at < 0 ? [] : [items.ids[state.rows[state.at]]];
  }
  function settings() {
    const parts = [...state.show].map((name) => ["show", name]);
    if (state.text) parts.push(["q", state.text]);
    if (state.subset) parts.push(["subset", state.subset]);
    return parts.length ? `?${new URLSearchParams(parts)}` : "";
  }
  // The address follows at a distance, for browsers refuse to change it hundreds of times a minute; and not at all before
  // the view is on the page, after it has left, or when another address has been asked for meanwhile.
  let due;
  function remember() {
    clearTimeout(due);
    const now = location.hash;
    due = setTimeout(() => {
      const address = link("items", bench.id, run.judge, ...current()) + settings();
      if (view.isConnected && location.hash === now) history.replaceState(null, "", address);
    }, 150);
  }

  function matches(index) {
    const one = said[index];
    if (!one || (state.subset && items.subset[index] !== state.subset)) return false;
    for (const name of state.show) {
      if (name === "split" ? !items.split[index] : !(one[2] & FLAGS[name])) return false;
    }
    return found(index, state.text.toLowerCase());
  }

  // The list anew; the open item stays open if it is still there.
  function refresh(item = current()[0]) {
    state.rows = [];
    for (let index = 0; index < items.ids.length; index += 1) if (matches(index)) state.rows.push(index);
    state.at = item == null ? -1 : state.rows.findIndex((index) => items.ids[index] === item);
    tally.textContent = `${count(state.rows.length)} of ${plural(items.ids.length, "item")}`;
    list.show(state.rows, state.at);
    showItem();
  }

  function open(at) {
    if (at < 0 || at >= state.rows.length) return;
    state.at = at;
    list.select(at);
    showItem();
  }

  function close() {
    state.at = -1;
    list.select(-1);
    showItem();
    list.focus();
  }

  function showItem() {
    remember();
    view.classList.toggle("has-item", state.at >= 0);
    detail.scrollTop = 0;
    if (state.at < 0) {
      detail.replaceChildren(
        el("p.empty", {}, state.rows.length ? "Choose an item, or press j." : "No item fits these filters."),
      );
      return;
    }
    const steps = el(
      "div.steps",
      {},
      el("button", { type: "button", class: "back", onclick: close }, "← List"),
      el("button", { type: "button", disabled: state.at === 0, onclick: () => open(state.at - 1) }, "Previous"),
      el(
        "button",
        { type: "button", disabled: state.at === state.rows.length - 1, onclick: () => open(state.at + 1) },
        "Next",
      ),
      el("span", {}, `${count(state.at + 1)} of ${count(state.rows.length)}`),
    );
    detail.replaceChildren(
      steps,
      itemView(run, items, pack, state.rows[state.at], state.text.toLowerCase(), settings()),
    );
  }

  function toggle(name) {
    if (!state.show.delete(name)) state.show.add(name);
    filters.forEach(([known], index) => toggles[index].setAttribute("aria-pressed", String(state.show.has(known))));
    refresh();
  }

  let pause;
  box.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(() => {
      state.text = box.value.trim();
      refresh();
    }, 120);
  });

  view.keys = {
    j: () => open(state.at + 1),
    k: () => open(state.at - 1),
    "/": () => box.focus(),
    Escape: () => (document.activeElement === box ? list.focus() : close()),
    ...Object.fromEntries(filters.map(([name, key]) => [key, () => toggle(name)])),
  };
  refresh(wantedItem);
  if (wantedItem != null && state.at < 0) {
    const known = items.ids.includes(wantedItem);
    detail.replaceChildren(
      el("p.empty", {}, known ? `Item ${wantedItem} does not fit these filters.` : `There is no item ${wantedItem}.`),
    );
  }
  return view;
}

// (index, words in lower case) -> whether the item holds them, in its own texts or in what the judge said of it. An item's
// text is put together at its first search.
function search(items, pack) {
  const hay = [];
  return (index, wanted) => {
    if (!wanted) return true;
    hay[index] ??= [
      items.ids[index],
      items.subset[index] ?? "",
      ...items.about[index].flat(),
      ...textsOf(items, index),
      ...pack.trials[index].flatMap((trial) => [pack.strings[trial[4]], pack.strings[trial[6]]]),
    ]
      .join("\n")
      .toLowerCase();
    return hay[index].includes(wanted);
  };
}

function textsOf(items, index) {
  const texts = items.texts?.[index];
  if (!texts) return [];
  const [messages, responses, materials] = texts;
  return [...messages, ...materials]
    .map(([, text]) => text)
    .concat(responses)
    .filter((text) => text != null)
    .map((text) => items.strings[text]);
}

// A listbox of rows of equal height. `draw(index)` gives a row's content; `choose(at)` is told of a click.
function virtualList(choose, draw) {
  const space = el("div.space", { role: "presentation" });
  const node = el("div.list", { role: "listbox", tabindex: 0, "aria-label": "Items" }, space);
  let [rows, at] = [[], -1];
  function paint() {
    const first = Math.max(0, Math.floor(node.scrollTop / ROW) - 5);
    const last = Math.min(rows.length, first + Math.ceil(node.clientHeight / ROW) + 11);
    space.replaceChildren(
      ...rows.slice(first, last).map((index, offset) => {
        const place = first + offset;
        const row = el(
          "div.row",
          {
            role: "option",
            id: `row-${place}`,
            "aria-selected": String(place === at),
            "aria-setsize": rows.length,
            "aria-posinset": place + 1,
            onclick: () => choose(place),
          },
          draw(index),
        );
        row.style.top = `${place * ROW}px`;
        return row;
      }),
    );
    if (at >= first && at < last) node.setAttribute("aria-activedescendant", `row-${at}`);
    else node.removeAttribute("aria-activedescendant");
  }
  function reveal() {
    if (at < 0) return;
    const [top, bottom] = [at * ROW, (at + 1) * ROW];
    if (top < node.scrollTop) node.scrollTop = top;
    else if (bottom > node.scrollTop + node.clientHeight) node.scrollTop = bottom - node.clientHeight;
  }
  node.addEventListener("scroll", paint, { passive: true });
  node.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (!step || !rows.length) return;
    event.preventDefault();
    choose(Math.min(rows.length - 1, Math.max(0, at + step)));
  });
  new ResizeObserver(() => {
    reveal();
    paint();
  }).observe(node);
  return {
    node,
    show(found, chosen) {
      [rows, at] = [found, chosen];
      space.style.height = `${rows.length * ROW}px`;
      reveal();
      paint();
    },
    select(chosen) {
      at = chosen;
      reveal();
      paint();
    },
    focus() {
      node.focus();
    },
  };
}

function rowOf(items, said, index, withSubset) {
  const [words, marks] = said[index];
  const texts = items.texts?.[index];
  const question = texts?.[0].length
    ? items.strings[texts[0].at(-1)[1]]
    : items.about[index].map((pair) => pair.join(" ")).join(", ");
  return [
    el("span.id", {}, items.ids[index]),
    el(
      "span.verdicts",
      {},
      items.gold[index] ? el("span.word.gold", {}, `gold ${items.gold[index]}`) : null,
      words.map((word, trial) => wordMark(word, marks[trial])),
    ),
    el("span.question", {}, question.slice(0, 200)),
    el("span.where", {}, withSubset ? (items.subset[index] ?? "") : "", items.split[index] ? " people disagree" : ""),
  ];
}

// How a verdict is written in little space: the word, and whether it is right, as a sign as well as a colour.
function wordMark(word, mark) {
  const [sign, name] = MARKS[mark];
  return el(
    `span.word.${name || "open"}`,
    { "aria-label": `${spoken(word)}${name ? `, ${name}` : ""}`, role: "img" },
    mark === "f" ? "!" : word,
    mark === "f" ? "" : sign,
  );
}

const spoken = (word) => (word === "" ? "no verdict" : word === "=" ? "tie" : word);

function itemView(run, items, pack, index, wanted, settings) {
  const { bench } = run;
  const texts = items.texts?.[index];
  const text = (number) => (number == null ? null : items.strings[number]);
  const said = items.said[bench.runs.indexOf(run)][index];
  const about = [...(items.subset[index] == null ? [] : [["subset", items.subset[index]]]), ...items.about[index]];
  const here = link("items", bench.id, run.judge, items.ids[index]);
  return el(
    "div",
    {},
    el("h2", {}, "Item ", el("bdi", {}, ...marked(items.ids[index], wanted))),
    el(
      "p.chips",
      {},
      about.map(([name, value]) => el("span.chip", {}, `${name}: ${value}`)),
      el("a", { href: here }, "link to this item"),
    ),
    verdicts(items, index, said),
    (texts?.[0] ?? []).map(([role, message]) =>
      el("div.message", {}, el("h3", {}, role), el("div.text", { dir: "auto" }, ...marked(text(message), wanted))),
    ),
    (texts?.[2] ?? []).map(([name, number]) =>
      el("details", {}, el("summary", {}, name), el("div.text", { dir: "auto" }, ...marked(text(number), wanted))),
    ),
    el(
      "div.responses",
      {},
      items.lengths[index].map((length, slot) => response(items, index, slot, text(texts?.[1][slot]), length, wanted)),
    ),
    el("h3", {}, "What ", isolated(run.judge), " said"),
    answers(pack, index, said, wanted),
    others(run, items, index, settings),
  );
}

function response(items, index, slot, text, length, wanted) {
  const isGold = items.gold[index].split(">")[0].split("=").includes(String(slot + 1)) && items.lengths[index].length > 1;
  const author = items.authors[index][slot];
  return el(
    `section.response${isGold ? ".right" : ""}`,
    {},
    el(
      "h3",
      {},
      items.lengths[index].length > 1 ? `Response ${slot + 1}` : "Response",
      isGold ? el("span.word.gold", {}, "gold") : null,
    ),
    el("p.note", {}, [author, length == null ? null : `${plural(length, "character")}`].filter(Boolean).join(", ")),
    text == null
      ? el("p.empty", {}, "The text is not here.")
      : text === ""
        ? el("p.empty", {}, "An empty response.")
        : el("div.text", { dir: "auto" }, ...marked(text, wanted)),
  );
}

// Gold and every person's vote.
function verdicts(items, index, said) {
  const votes = items.votes[index].map(([rater, word]) =>
    el("span.word.person", {}, `${items.raters[rater]}: ${spoken(word)}`),
  );
  return el(
    "p.chips",
    {},
    el("span.word.gold", {}, items.gold[index] ? `gold: ${spoken(items.gold[index])}` : "no gold"),
    votes,
    said[0].length
      ? el(
          "span",
          {},
          "judge: ",
          said[0].map((word, trial) => [wordMark(word, said[1][trial]), " "]),
        )
      : null,
    items.split[index] ? el("span.chip.flag", {}, "people disagree") : null,
    said[2] & FLAGS.changed ? el("span.chip.flag", {}, "changed its mind") : null,
  );
}

// Every trial of the item in one run.
function answers(pack, index, [words, marks], wanted) {
  const trials = pack.trials[index];
  if (!trials.length) return [el("p.empty", {}, "It was never answered.")];
  const text = (number) => (number == null ? null : pack.strings[number]);
  return [
    el(
      "div.responses",
      {},
      trials.map(([order, sample, status, scores, said, confidence, detail, attempt], trial) =>
        el(
          "section.answer",
          {},
          el(
            "h4",
            {},
            order.length < 2 ? "Answer" : order[0] === 0 ? "As stored" : "Swapped",
            sample ? `, sample ${sample + 1}` : "",
            " ",
            wordMark(words[trial], marks[trial]),
          ),
          el(
            "p.note",
            {},
            [
              order.length < 2 ? null : `shown: response ${order.map((slot) => slot + 1).join(", then ")}`,
              status === "ok" ? null : `no verdict: ${status}`,
              scores ? `scores ${scores.join(", ")}` : null,
              confidence == null ? null : `confidence ${confidence}`,
              text(detail),
              attempt ? `attempt ${attempt + 1}` : null,
            ]
              .filter(Boolean)
              .join("; "),
          ),
          text(said) == null
            ? el("p.empty", {}, "Its words were not kept.")
            : el("div.text", { dir: "auto" }, ...marked(text(said), wanted)),
        ),
      ),
    ),
  ];
}

// What the other judges said of the same item.
function others(run, items, index, settings) {
  const rows = run.bench.runs.flatMap((other, number) => {
    const said = items.said[number][index];
    return other === run || !said
      ? []
      : [
          el(
            "li",
            {},
            el("a", { href: link("items", run.bench.id, other.judge, items.ids[index]) + settings }, other.judge),
            " ",
            said[0].map((word, trial) => wordMark(word, said[1][trial])),
          ),
        ];
  });
  return rows.length
    ? el(
        "details.others",
        { open: rows.length <= 12 },
        el("summary", {}, `What ${plural(rows.length, "other judge")} said`),
        el("ul", {}, rows),
      )
    : null;
}
