// The data: what every view needs lies in the page as JSON; items and verdicts are unpacked when they are looked at.

const { benches, flags: FLAGS, glossary: GLOSSARY, layout: LAYOUT } = JSON.parse(byId("data").textContent);
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

// A number by its address: headline, headline.<part>, human.<name>, or a metric's name.
function at(run, address) {
  if (address === "headline") return run.headline;
  const [group, ...rest] = address.split(".");
  if (!rest.length) return run.metrics[address];
  return { headline: run.parts, human: run.human }[group]?.[rest.join(".")];
}

// What the catalogue says of a number of a benchmark.
function record(bench, address) {
  const [title, meaning, better] = bench.records[address] ?? [address, "", 0];
  return { title, label: title[0].toUpperCase() + title.slice(1), meaning, better };
}

// The number of a person that stands beside a judge's.
const ofPerson = (run, address) => (address === "headline" ? run?.people_score : at(run, LAYOUT.person[address] ?? ""));

// Any run over all items with numbers about people: they are the same in each.
const withPeople = (bench) => bench.runs.find((run) => run.limit == null && Object.keys(run.human).length);
