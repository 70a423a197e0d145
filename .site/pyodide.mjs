// Runs Python code in a real Pyodide, with packages of this machine's Python that are plain Python:
// node pyodide.mjs COURSE PACKAGES < code.py. Only what Pyodide's npm package brings is there, so no
// NumPy.
import { readFileSync } from "node:fs";
import { loadPyodide } from "pyodide";

const [course, packages] = process.argv.slice(2);
const python = await loadPyodide();
for (const [place, folder] of [["/course", course], ["/packages", packages]]) {
  python.FS.mkdir(place);
  python.FS.mount(python.FS.filesystems.NODEFS, { root: folder }, place);
}
try {
  python.runPython(readFileSync(0, "utf8"));
} catch (problem) {
  console.error(problem.message);
  process.exit(1);
}
