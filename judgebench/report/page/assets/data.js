// The data: what every view needs lies in the page as JSON; items and verdicts are unpacked when they are looked at.

const { benches, flags: FLAGS, glossary: GLOSSARY } = JSON.parse(byId("data").textContent);
const benchOf = (id) => benches.find((bench) => bench.id === id);
const runOf = (bench, judge) => bench?.runs.find((run) => run.judge === judge);

for (const bench of benches) {
  for (const run of bench.runs) {
    run.bench = bench;
    run.headline = num(run.headline);
    run.people_score = num(run.people_score);
    for (const group of [run.parts, run.metrics, run.human, ...Object.values(run.subsets)]) {
      for (const name of Object.keys(group)) group[name] = num(group[name]);
    }
  }
}

const UNSUPPORTED =
  "This browser cannot unpack the items (it lacks DecompressionStream: Chrome and Edge have it from 80, " +
  "Safari from 16.4, Firefox from 113). Everything else on this page works.";
const unpacked = new Map();

// A pack by its name, as a promise; unpacked once.
function unpack(name) {
  if (!unpacked.has(name)) unpacked.set(name, inflate(byId(name).textContent));
  return unpacked.get(name);
}

async function inflate(base64) {
  if (typeof DecompressionStream === "undefined") throw new Error(UNSUPPORTED);
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

// What a number of a group (metrics or human) means, in the words of the module that computes it. Some names carry a
// person's in brackets.
function meaning(bench, group, what) {
  if (group === "human") return GLOSSARY.people[what.split("[")[0]] ?? "";
  return GLOSSARY.metrics[bench.kind][what] ?? (what.startsWith("effect_") ? GLOSSARY.effect : "");
}

// Any run over all items with numbers about people: they are the same in each.
const withPeople = (bench) => bench.runs.find((run) => run.limit == null && Object.keys(run.human).length);
