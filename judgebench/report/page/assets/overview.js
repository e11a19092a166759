// The overview is in the page already; this sorts and filters its rows.

function overview() {
  const body = byId("runs").tBodies[0];
  const rows = [...body.rows];
  const heads = [...byId("runs").tHead.rows[0].cells];
  const columns = heads.map((head) => head.dataset.column);

  function filter() {
    const wanted = byId("find").value.trim().toLowerCase();
    const [bench, kinds] = [byId("of-bench").value, byId("of-kind").value];
    let shown = 0;
    for (const row of rows) {
      const { bench: of, kind, judge } = row.dataset;
      row.hidden =
        (bench && of !== bench) || (kinds && !kinds.split(" ").includes(kind)) || !judge.toLowerCase().includes(wanted);
      shown += row.hidden ? 0 : 1;
    }
    byId("shown-count").textContent = `${plural(shown, "row")} of ${count(rows.length)}`;
  }

  // Text rises, numbers fall, what has no number comes last; a second click turns it round. The order within equals stays.
  function sort(column, direction) {
    const index = columns.indexOf(column);
    const value = (row) => row.cells[index].dataset.sort;
    const numeric = heads[index].classList.contains("num");
    const turned =
      direction ?? (heads[index].getAttribute("aria-sort") === (numeric ? "descending" : "ascending") ? -1 : 1);
    const order = (a, b) => {
      if (value(a) == null || value(b) == null) return (value(a) == null) - (value(b) == null);
      return turned * (numeric ? value(b) - value(a) : value(a).localeCompare(value(b), "en"));
    };
    heads.forEach((head) => head.removeAttribute("aria-sort"));
    heads[index].setAttribute("aria-sort", (turned === 1) === numeric ? "descending" : "ascending");
    body.append(...[...rows].sort(order));
  }

  heads.forEach((head) => head.querySelector("button").addEventListener("click", () => sort(head.dataset.column)));
  byId("sort-by").addEventListener("change", (event) => sort(event.target.value || "bench", 1));
  for (const id of ["find", "of-bench", "of-kind"]) byId(id).addEventListener("input", filter);
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  filter();
}
