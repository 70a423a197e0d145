/* global make, short, decimals, openHere, makeAxes, makeHover, polyline, headOf */
/* global makePlayer, makeSliders, makeReadout, makeButton, makeCopy */
/* exported render */
// The live roots: the complex plane, and the two coordinates against the step. See roots.py.

const TINY = 1e-9; // below it a distance is a rounding error

function render({ model, el }) {
  const { sliders, steps, rules, names, curvatures, code, reach } = model.get("scene");
  const within = (name, value) => {
    const { values } = sliders.find((slider) => slider.name === name);
    return value >= values[0] && value <= values.at(-1);
  };
  const modes = ({ lr, momentum }) => curvatures.map((curvature) => modeOf(lr, momentum, curvature, steps));
  const view = openHere(model, el, modes, within);
  const plane = makeRootPlane(view, modes);
  const tellSliders = makeSliders(view);
  const bar = make(view.side, "div", { class: "extras" });
  makeButton(bar, "Reset", () => {
    player.stop();
    player.at = steps;
    view.reset();
  });
  const tellCode = makeCopy(view, bar, () =>
    code.replace("LR", view.drawn.lr).replace("MOMENTUM", view.drawn.momentum));
  const lines = makeReadout(view.side, rules);
  const shares = makeShares(view);
  const player = makePlayer(view.side, { last: steps, pause: 80, show: () => view.show(), quiet: view.quiet });
  view.on("fit", () => [plane, shares].forEach((axes) => axes.fit()));
  view.on("leave", () => player.stop());

  view.on("show", (typing) => {
    plane.draw();
    const off = shares.draw(player.at);
    view.results.forEach(({ roots }, r) => {
      const gone = off[r] <= steps ? ` Its curve is off the picture from step ${off[r]} on.` : "";
      lines[r].tell(`${names[r]}, curvature ${short(curvatures[r])}: ${tellMode(roots, reach)}.${gone}`, outside(roots));
    });
    const setting = `lr ${short(view.drawn.lr)}, momentum ${short(view.drawn.momentum)}`;
    plane.svg.setAttribute("aria-label", `The complex plane with the unit circle and the roots; ${setting}`);
    shares.svg.setAttribute("aria-label", `x and y as shares of their start, against the step; ${setting}, step ${player.at}`);
    tellSliders(typing);
    tellCode();
    player.tell();
  });
  view.words = () => lines.map(({ item }) => item.textContent).join(" ");
  view.show();
  return view.leave;
}

const sizeOf = ([real, imaginary]) => Math.hypot(real, imaginary);
const outside = ([first]) => sizeOf(first) > 1 + TINY;

// The roots of z² − (1 + β − ηλ) z + β, the larger first or the upper one, and the path of the rule
// from 1 at rest. The product of the roots is β: so the smaller one has all its digits.
function modeOf(lr, momentum, curvature, steps) {
  const sum = 1 + momentum - lr * curvature;
  let inside = (sum * sum) / 4 - momentum;
  if (Math.abs(inside) < 1e-12) inside = 0;
  const half = Math.sqrt(Math.abs(inside));
  const larger = sum / 2 + (sum < 0 ? -half : half);
  const roots = inside < 0
    ? [[sum / 2, half], [sum / 2, -half]]
    : [[larger, 0], [inside ? momentum / larger : larger, 0]];
  const path = [1];
  for (let t = 0; t < steps; t++) path.push(sum * path[t] - momentum * (t ? path[t - 1] : 1));
  return { roots, path };
}

function tellMode([first, second], reach) {
  const size = sizeOf(first);
  if (first[1]) {
    const tempo = Math.PI / Math.atan2(first[1], first[0]);
    return `a pair of roots ${first[0].toFixed(3)} ± ${first[1].toFixed(3)}i, at the distance ` +
      `${size.toFixed(4)} from 0: swings, changes sides every ${tempo.toFixed(1)} steps`;
  }
  const [one, two] = [first, second].map(([real]) => decimals(real, 4));
  const where = Math.abs(first[0]) > reach ? "far outside the unit circle, beyond what is shown" : "outside the unit circle";
  const does = outside([first]) ? `${where}: grows`
    : size > 1 - TINY ? "on the unit circle: neither grows nor dies out"
    : size < TINY ? "arrives in one step"
    : first[0] < 0 ? "changes sides at each step" : "creeps";
  const what = first[0] === second[0] ? `a double root ${one}` : `two real roots ${one} and ${two}`;
  return outside([first]) || size > 1 - TINY ? `${what}, one ${does}` : `${what}: ${does}`;
}

// The complex plane: its axes, the unit circle, the roots, and where they went since the setting before.
function makeRootPlane(view, modes) {
  const { rules, reach } = view.scene;
  const axes = makeAxes(view.picture, {
    x: [-reach, reach], y: [-1.2, 1.2], labels: ["real part", "imaginary part"], height: 370, equal: true, grid: true,
  });
  const { ground, inside, toX, toY } = axes;
  const cross = make(ground, "path", { class: "cross" });
  const circle = make(inside, "circle", { class: "unit" });
  const name = make(inside, "text", { class: "level" });
  const line = { "stroke-width": 2.5, "stroke-opacity": 0.4, "stroke-dasharray": "", class: "faint" };
  const ways = rules.map((look) => [0, 1].map(() => polyline(inside, look, line)));
  const dots = rules.map((look) => [0, 1].map(() => make(axes.front, "path", { ...headOf(look), class: "root" })));
  const put = (node, values) => Object.entries(values).forEach(([key, value]) => node.setAttribute(key, value));
  // The circle's name, outside of it and away from what a pointer is told: where it is narrow, in
  // two lines in the corner.
  const writeName = ({ left, top }) => {
    name.replaceChildren();
    const wide = toX(-0.74) - left > 66;
    const lines = wide ? ["unit circle"] : ["unit", "circle"];
    const [x, y] = wide ? [toX(-0.74), toY(0.86)] : [left + 4, top + 13];
    put(name, { "text-anchor": wide ? "end" : "start" });
    lines.forEach((line, k) => make(name, "tspan", { x, y: y + 13 * k }, line));
  };
  axes.draw = () => {
    const { left, right, top, bottom } = axes.box;
    put(cross, { d: `M${left},${toY(0)}H${right}M${toX(0)},${top}V${bottom}` });
    put(circle, { cx: toX(0), cy: toY(0), r: toX(1) - toX(0) });
    writeName({ left, top });
    const between = view.before ? passed(view.before.settings, view.drawn).map(modes) : [];
    view.results.forEach(({ roots }, r) => roots.forEach(([real, imaginary], k) => {
      put(dots[r][k], { transform: `translate(${toX(real)},${toY(imaginary)}) scale(1.9)` });
      dots[r][k].style.display = axes.holds(real, imaginary) ? "" : "none";
      const way = wayOf(between.map((mode) => sorted(mode[r].roots)[k]));
      put(ways[r][k], { points: way.map(([a, b]) => `${toX(a).toFixed(1)},${toY(b).toFixed(1)}`).join(" ") });
    }));
  };
  makeHover(axes, ([real, imaginary]) => {
    const [a, b, size] = [real, Math.abs(imaginary), sizeOf([real, imaginary])].map((v) => v.toFixed(2));
    return `${a}\u00a0${imaginary < 0 ? "−" : "+"}\u00a0${b}i, distance\u00a0${size}\u00a0from\u00a00`.replace("-", "−");
  });
  return axes;
}

// The right root first, or the upper one: so each of the two moves without a jump.
const sorted = ([a, b]) => (a[0] < b[0] ? [b, a] : [a, b]);

// One root after the other, and the point where it met its partner, which it passes too fast to be
// caught there: a pair of this size meets at plus or minus it.
function wayOf(roots) {
  const way = roots.slice(0, 1);
  for (let k = 1; k < roots.length; k++) {
    const pair = roots[roots[k][1] ? k : k - 1];
    if (!roots[k][1] !== !roots[k - 1][1]) way.push([Math.sign(pair[0]) * sizeOf(pair), 0]);
    way.push(roots[k]);
  }
  return way;
}

// The settings between two, evenly.
function passed(from, to) {
  const at = (name, share) => from[name] + share * (to[name] - from[name]);
  return Array.from({ length: 401 }, (_, k) => ({ lr: at("lr", k / 400), momentum: at("momentum", k / 400) }));
}

// x and y as shares of their start, against the step: all of each faintly, up to the step shown in
// full, and the last setting's faintest. draw returns from which step on each is not seen any more.
function makeShares(view) {
  const { rules, steps, names, heights } = view.scene;
  const axes = makeAxes(view.side, {
    x: [0, steps], y: [-heights[0], heights[0]], labels: ["step", "share of the start"], height: 230, grid: true,
  });
  const { inside, toX, toY } = axes;
  const cursor = make(inside, "path", { class: "cursor" });
  const lines = rules.map((look) => ({
    ghost: polyline(inside, look, { "stroke-width": 1.2, "stroke-opacity": 0.35, class: "faint" }),
    whole: polyline(inside, look, { "stroke-width": 1.3, "stroke-opacity": 0.4, class: "faint" }),
    line: polyline(inside, look, { "stroke-width": 1.8 }),
    head: make(axes.front, "path", headOf(look)),
  }));
  const along = (path, to) => path.slice(0, to + 1).map((x, t) =>
    `${toX(t).toFixed(1)},${toY(Math.min(Math.max(x, -99), 99)).toFixed(1)}`).join(" ");
  axes.draw = (at) => {
    const far = view.results.some(({ path }) => path.some((x) => Math.abs(x) > heights[0]));
    const high = heights[+far];
    if (axes.view[1][1] !== high) axes.set([axes.view[0], [-high, high]]);
    cursor.setAttribute("d", `M${toX(at)},${axes.box.top}V${axes.box.bottom}`);
    return view.results.map(({ path }, r) => {
      const { ghost, whole, line, head } = lines[r];
      const off = lastSeen(path, high) + 1;
      const before = view.before?.results[r].path;
      ghost.setAttribute("points", before ? along(before, lastSeen(before, high) + 1) : "");
      whole.setAttribute("points", along(path, off));
      line.setAttribute("points", along(path, Math.min(at, off)));
      const seen = Math.abs(path[at]) <= high;
      head.setAttribute("transform", seen ? `translate(${toX(at)},${toY(path[at])}) scale(1.5)` : "translate(-99,-99)");
      return off;
    });
  };
  makeHover(axes, ([t]) => {
    const step = Math.min(Math.max(Math.round(t), 0), steps);
    return `step ${step}: ${view.results.map(({ path }, r) => `${names[r]}\u00a0${short(path[step])}`).join(", ")}`;
  });
  return axes;
}

// The last step at which a path lies within the height shown; it may leave and come back before.
function lastSeen(path, high) {
  let last = path.length - 1;
  while (last > 0 && !(Math.abs(path[last]) <= high)) last--;
  return last;
}
