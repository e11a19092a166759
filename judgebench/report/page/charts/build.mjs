// Builds charts.min.js, charts.json and LICENSES.txt beside this file, byte for byte the same on every machine:
//   node build.mjs [--check]
// It installs the versions that package-lock.json pins (nothing of theirs is run by that) into a folder of its own, or
// uses the node_modules that the environment variable CHARTS_MODULES names. --check writes nothing and fails on a difference.
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const work = mkdtempSync(join(tmpdir(), "judgebench-charts-"));
try {
  for (const name of ["package.json", "package-lock.json", "entry.js"])
    copyFileSync(join(here, name), join(work, name));
  const modules = join(work, "node_modules");
  if (process.env.CHARTS_MODULES) symlinkSync(process.env.CHARTS_MODULES, modules);
  else execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: work, stdio: "inherit" });

  const esbuild = createRequire(join(work, "entry.js"))("esbuild");
  const built = await esbuild.build({
    absWorkingDir: work,
    entryPoints: ["entry.js"],
    bundle: true,
    minify: true,
    format: "iife",
    globalName: "Plot",
    target: "es2020",
    charset: "utf8",
    legalComments: "none",
    metafile: true,
    preserveSymlinks: true,
    write: false,
  });
  const bundle = built.outputFiles[0].text.replaceAll("</script", "<\\/script");
  const inside = Object.values(built.metafile.outputs)[0].inputs;
  const packages = [
    ...new Set(
      Object.keys(inside)
        .filter((path) => inside[path].bytesInOutput)
        .flatMap(packageOf),
    ),
  ].sort();
  const described = packages.map((name) => ({ name, ...manifest(join(modules, name)) }));

  const wanted = {
    "charts.min.js": bundle,
    "charts.json":
      JSON.stringify(
        {
          packages: Object.fromEntries(described.map(({ name, version, license }) => [name, `${version} ${license}`])),
          sha256: createHash("sha256").update(bundle).digest("hex"),
          style: `'sha256-${createHash("sha256").update(plotStyle(modules)).digest("base64")}'`,
        },
        null,
        1,
      ) + "\n",
    "LICENSES.txt": described
      .map(({ name, version, text }) => `${name} ${version}\n${"-".repeat(40)}\n${text.trim()}\n`)
      .join("\n\n"),
  };
  for (const [name, text] of Object.entries(wanted)) {
    const path = join(here, name);
    const current = existsSync(path) ? readFileSync(path, "utf8") : "";
    if (!process.argv.includes("--check")) writeFileSync(path, text);
    else if (current !== text) throw new Error(`${name} is not what build.mjs makes`);
    console.log(`${name}: ${Buffer.byteLength(text).toLocaleString("en")} bytes`);
  }
} finally {
  rmSync(work, { recursive: true });
}

function packageOf(path) {
  return path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/)?.[1] ?? [];
}

function manifest(folder) {
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  return { version, license, text: readFileSync(join(folder, file), "utf8") };
}

// Plot writes one style element into every chart; the page's policy allows that text and no other. The page gives the class.
function plotStyle(modules) {
  const source = readFileSync(join(modules, "@observablehq/plot/src/plot.js"), "utf8");
  return source.match(/append\("style"\)\.text\(\s*`([^`]*)`/)[1].replaceAll("${className}", "plot");
}
