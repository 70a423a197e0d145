// Compares what static/kernel.js answers to each picture's opening with what Python answered, and
// takes out of the pictures what a page can compute for itself: node check.mjs static/kernel.js live
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runInThisContext } from "node:vm";

const [kernel, folder] = process.argv.slice(2);
globalThis.downhill = { pictures: {}, kinds: {} };
runInThisContext(readFileSync(kernel, "utf8"), kernel);

const floats = (text) => {
  const bytes = Buffer.from(text, "base64");
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
};
let differ = 0;
for (const file of readdirSync(folder).filter((name) => name.endsWith(".js") && !name.startsWith("picture-"))) {
  runInThisContext(readFileSync(join(folder, file), "utf8"), file);
  const [[name, picture]] = Object.entries(downhill.pictures).slice(-1);
  const { state, bytes } = picture;
  if (!state.scene.program) {
    console.log(`${name}: ${state.opening ? "shows what it was given, no more" : "all is on the page"}`);
    continue;
  }
  const began = performance.now();
  const { reply, runs } = downhill.kernel(state.scene)({ id: "", settings: state.scene.first, sweeps: true });
  const took = performance.now() - began;
  const [found, wanted] = [new Float32Array(runs.buffer), floats(bytes.opening_runs)];
  const columns = state.scene.columns;
  // Math.pow and Python's differ in the last digit, which a run near the border of stability grows.
  let far = 0;
  const close = (a, b) => Object.is(a, b) || a === b || Math.abs(a - b) <= 1e-4 + 1e-3 * Math.abs(b);
  for (let k = 0; k < wanted.length; k += columns) if (![0, 1, 2].every((i) => close(found[k + i], wanted[k + i]))) far++;
  const told = (table) => table.flatMap(([slider, rule, verdicts]) => verdicts.map((v) => `${slider} ${rule} ${v}`));
  const [own, python] = [told(reply.table), told(state.opening.table)];
  const others = own.filter((text, k) => text !== python[k]);
  const share = Math.max(far / (wanted.length / columns), others.length / own.length);
  const bad = found.length !== wanted.length || own.length !== python.length || share > 0.02;
  if (process.argv[4] || bad) {
    const k = own.findIndex((text, k) => text !== python[k]);
    console.log(`${name}: ${far} of ${wanted.length / columns} points and ${others.length} of ${own.length} verdicts differ, ` +
      `${took.toFixed(0)} ms; ${k < 0 ? "" : `“${own[k]}” for “${python[k]}”`}`);
  }
  if (bad) differ += 1;
  delete bytes.opening_runs;
  delete state.opening;
  writeFileSync(join(folder, file), `downhill.pictures[${JSON.stringify(name)}] = ${JSON.stringify(picture)};\n`);
}
process.exit(differ ? 1 : 0);
