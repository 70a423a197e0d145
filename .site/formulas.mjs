// Sets formulas: reads [[TeX, whether it is displayed], …], writes their HTML with MathML in it.
import { readFileSync } from "node:fs";
import katex from "katex";

const formulas = JSON.parse(readFileSync(0, "utf8"));
const set = ([tex, displayMode]) => {
  try {
    const html = katex.renderToString(tex, { displayMode, output: "htmlAndMathml", strict: false });
    return html.replace(/<annotation.*?<\/annotation>/s, ""); // the TeX once more: it would be searched
  } catch (problem) {
    console.error(`A formula cannot be set: ${tex}\n${problem.message}`);
    process.exit(1);
  }
};
process.stdout.write(JSON.stringify(formulas.map(set)));
