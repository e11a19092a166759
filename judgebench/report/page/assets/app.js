// The address decides what is seen:
//   #/   #/glossary   #/benchmark/B   #/run/B/JUDGE   #/items/B/JUDGE[/ITEM][?show=wrong&q=words&subset=S]

const THEMES = ["auto", "light", "dark"];
const go = (address) => {
  location.hash = address;
};
let view = null;
let asked = 0;

async function route() {
  const address = location.hash;
  if (address && !address.startsWith("#/")) return; // a place within the page
  const [path, query = ""] = address.slice(2).split(/\?(.*)/s);
  const [kind, ...names] = path.split("/").filter(Boolean).map(decoded);
  const mine = (asked += 1);
  live.clear();
  let made;
  try {
    made = await pageFor(kind, names, new URLSearchParams(query));
  } catch (error) {
    made = el("p.warning", { role: "alert" }, error.message);
  }
  if (mine !== asked) return; // another address was asked for meanwhile
  view = made;
  byId("overview").hidden = Boolean(view);
  byId("view").hidden = !view;
  byId("view").replaceChildren(...(view ? [view] : []));
  crumbs(kind, names);
  document.body.classList.toggle("wide", kind === "items");
  if (address) {
    window.scrollTo(0, 0);
    (view ?? byId("overview")).querySelector("h1")?.focus({ preventScroll: true });
  }
}

// The element to show; null for the overview.
function pageFor(kind, [id, judge, item], query) {
  if (!kind) return null;
  if (kind === "glossary") return glossaryView();
  const bench = benchOf(id);
  const run = runOf(bench, judge);
  if (kind === "benchmark" && bench) return benchmarkView(bench);
  if (kind === "run" && run) return runView(run);
  if (kind === "items" && run) return browserView(run, item, query);
  return el(
    "div",
    {},
    el("h1", { tabindex: -1 }, "Not on this page"),
    el("p", {}, "This report has nothing of that name. ", el("a", { href: "#/" }, "All judges")),
  );
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function crumbs(kind, [bench, judge]) {
  const steps = kind ? [el("a", { href: "#/" }, "all judges")] : [];
  if (bench && benchOf(bench)) steps.push(el("a", { href: link("benchmark", bench) }, bench));
  if (judge && runOf(benchOf(bench), judge)) steps.push(el("a", { href: link("run", bench, judge) }, judge));
  if (kind === "items" || kind === "glossary") steps.push(kind);
  byId("crumbs").replaceChildren(...steps.flatMap((step, index) => (index ? [" / ", step] : [step])));
  document.title = [kind === "items" || kind === "glossary" ? kind : null, judge, bench, "judgebench report"].filter(Boolean).join(" – ");
}

function theme() {
  let chosen = "auto";
  try {
    chosen = localStorage.getItem("judgebench-theme") ?? "auto";
  } catch {
    /* a page from disk may have no storage */
  }
  const apply = (name) => {
    chosen = THEMES.includes(name) ? name : "auto";
    if (chosen === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = chosen;
    byId("theme").textContent = `Theme: ${chosen}`;
    redrawCharts();
  };
  apply(chosen);
  byId("theme").addEventListener("click", () => {
    apply(THEMES[(THEMES.indexOf(chosen) + 1) % THEMES.length]);
    try {
      localStorage.setItem("judgebench-theme", chosen);
    } catch {
      /* as above */
    }
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawCharts);
  const before = () => {
    document.documentElement.dataset.theme = "light";
    redrawCharts();
  }; // paper is white
  window.addEventListener("beforeprint", before);
  window.addEventListener("afterprint", () => apply(chosen));
}

function shortcuts() {
  byId("help-open").addEventListener("click", () => byId("help").showModal());
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || byId("help").open) return;
    const typing = event.target.closest("input, select, textarea");
    if (typing && event.key !== "Escape") return;
    const action =
      event.key === "?"
        ? () => byId("help").showModal()
        : view?.keys
          ? view.keys[event.key]
          : event.key === "/" && !view
            ? () => byId("find").focus()
            : null;
    if (!action) return;
    event.preventDefault();
    action();
  });
}

tooltips();
overview();
theme();
shortcuts();
window.addEventListener("hashchange", route);
route();
