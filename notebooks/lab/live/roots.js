/* global make, short, openHere, makeAxes, polyline, headOf */
/* global makeSliders, makeReadout, makeButton, makeCopy */
/* exported render */
// The live roots: the complex plane, and the two coordinates against the step. See roots.py.

function render({ model, el }) {
  const { sliders, reach, steps, rules, names, curvatures, code } = model.get("scene");
  const inside = (name, value) => {
    const { values } = sliders.find((slider) => slider.name === name);
    return value >= values[0] && value <= values.at(-1);
  };
  const results = ({ lr, momentum }) => curvatures.map((curvature) => modeOf(lr, momentum, curvature, steps));
  const view = openHere(model, el, results, inside);
  const plane = makeAxes(view.picture, {
    x: [-reach, reach], y: [-1.2, 1.2], labels: ["real part", "imaginary part"], height: 280, equal: true, grid: true,
  });
  const circle = make(plane.inside, "ellipse", { fill: "none", class: "cursor", "stroke-width": 1.4 });
  const dots = rules.map((look) => [0, 1].map(() => make(plane.inside, "path", headOf(look))));
  const chart = makeAxes(view.picture, {
    x: [0, steps], y: [-1.3, 1.3], labels: ["step", "share of the start"], height: 170, grid: true,
  });
  const lines = rules.map((look) => ({
    ghost: polyline(chart.inside, look, { "stroke-width": 1.2, "stroke-opacity": 0.35, class: "faint" }),
    line: polyline(chart.inside, look, { "stroke-width": 1.8 }),
  }));
  view.on("fit", () => [plane, chart].forEach((axes) => axes.fit()));
  const tellSliders = makeSliders(view);
  const bar = make(view.side, "div", { class: "extras" });
  makeButton(bar, "Reset", view.reset);
  const tellCode = makeCopy(view, bar, () =>
    code.replace("LR", view.drawn.lr).replace("MOMENTUM", view.drawn.momentum));
  const rows = makeReadout(view.side, rules);

  view.on("show", (typing) => {
    const [cx, cy] = [plane.toX(0), plane.toY(0)];
    const size = { cx, cy, rx: plane.toX(1) - cx, ry: cy - plane.toY(1) };
    Object.entries(size).forEach(([key, value]) => circle.setAttribute(key, value));
    view.results.forEach(({ roots, path }, r) => {
      roots.forEach(([real, imaginary], k) => dots[r][k].setAttribute(
        "transform", `translate(${plane.toX(real)},${plane.toY(imaginary)}) scale(1.7)`));
      const along = (points) => points.map((x, t) =>
        `${chart.toX(t).toFixed(1)},${chart.toY(Math.min(Math.max(x, -9), 9)).toFixed(1)}`).join(" ");
      lines[r].line.setAttribute("points", along(path));
      lines[r].ghost.setAttribute("points", view.before ? along(view.before.results[r].path) : "");
      rows[r].tell(`${names[r]}, curvature ${short(curvatures[r])}: ${tellMode(roots)}.`, sizeOf(roots[0]) > 1);
    });
    const setting = `lr ${short(view.drawn.lr)}, momentum ${short(view.drawn.momentum)}`;
    plane.svg.setAttribute("aria-label", `The complex plane with the unit circle and the roots; ${setting}`);
    chart.svg.setAttribute("aria-label", `x and y as shares of their start, against the step; ${setting}`);
    tellSliders(typing);
    tellCode();
  });
  view.words = () => rows.map(({ item }) => item.textContent).join(" ");
  view.show();
  return view.leave;
}

const sizeOf = ([real, imaginary]) => Math.hypot(real, imaginary);

// The roots of z² − (1 + β − ηλ) z + β, the larger first, and the path of the rule from 1 at rest.
function modeOf(lr, momentum, curvature, steps) {
  const sum = 1 + momentum - lr * curvature;
  const inside = (sum * sum) / 4 - momentum;
  const half = Math.sqrt(Math.abs(inside));
  const roots = inside < 0
    ? [[sum / 2, half], [sum / 2, -half]]
    : [[sum / 2 + half, 0], [sum / 2 - half, 0]].sort((a, b) => sizeOf(b) - sizeOf(a));
  const path = [1];
  for (let t = 0; t < steps; t++) path.push(sum * path[t] - momentum * (t ? path[t - 1] : 1));
  return { roots, path };
}

function tellMode([first, second]) {
  const size = sizeOf(first);
  if (first[1] > 1e-9) {
    const tempo = Math.PI / Math.atan2(first[1], first[0]);
    return `a pair of roots ${first[0].toFixed(3)} ± ${first[1].toFixed(3)}i, at the distance ` +
      `${size.toFixed(4)} from 0: ${size < 1 ? "swings" : "grows"}, changes sides every ${tempo.toFixed(1)} steps`;
  }
  const does = size > 1 ? "grows" : size === 1 ? "stays" : first[0] < 0 ? "changes sides at each step" : "creeps";
  return `two real roots ${first[0].toFixed(4)} and ${second[0].toFixed(4)}: ${does}`;
}
