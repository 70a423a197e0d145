/* global make, short, nearest, decode, openAsking, descend, knobsFor, makeAxes, makeMap, makeHover, makePick, makePaths */
/* global makeCurves, column, tellRun, lastStep, makePlayer, makeSliders, makeArrowSwitch, makeCopy, callOf */
/* global makeReadout, makeMarker, makeButton */
/* exported render */
// The live plane: heat maps to pick a pair of settings from, and its paths. See plane.py.

function render({ model, el }) {
  const view = openAsking(model, el, runs);
  const { scene } = view;
  const { rules, columns } = scene;
  const names = scene.sliders.map(({ name }) => name);
  const told = (settings, among = names) => among.map((name) => `${name} ${short(settings[name])}`).join(", ");

  const tellHeats = makeHeats(view, names, told);
  const map = makeMap(view.picture, rules.length > 1 ? 230 : 330);
  map.show(scene.maps[0]);
  const player = makePlayer(view.picture, {
    last: scene.steps, pause: 90, show: () => view.show(), quiet: view.quiet,
    ends: () => Math.max(...view.results.map((result) => lastStep(result, columns))),
  });
  makeButton(player.bar, "Reset", () => {
    player.stop();
    player.at = scene.steps;
    view.reset();
  });
  const { least } = scene.maps[0];
  const curves = makeCurves(view.picture, rules, { last: scene.steps, label: least < 0 ? "f − min f" : "f" });
  view.on("fit", () => [map, curves].forEach((axes) => axes.fit()));
  view.on("leave", () => player.stop());

  const drawPaths = makePaths(view, map, player);
  const tellSliders = makeSliders(view);
  const bar = make(view.side, "div", { class: "extras" });
  makeArrowSwitch(view, bar, drawPaths);
  const tellCode = makeCopy(view, bar, () => codeOf(view));
  const lines = makeReadout(view.side, rules);
  const curve = (result) => column(result, 2, columns).map((f) => f - least);

  view.on("show", (typing) => {
    const settings = told(view.drawn);
    drawPaths().forEach((drawn, r) => {
      const { points, verdict: [verdict, rates] } = view.results[r];
      const path = tellRun({ points, verdict }, drawn, columns);
      const own = told(view.drawn, names.filter((name) => name in rules[r].knobs));
      lines[r].tell(`${rules[r].rule}, ${own}: ${rates && `${rates}; `}${path}`, /^diverg/.test(verdict));
    });
    curves.draw(view.results.map(curve), view.before ? view.before.results.map(curve) : [], player.at);
    map.svg.setAttribute("aria-label",
      `Map of the ${scene.maps[0].name} with the paths of ${rules.map(({ rule }) => rule).join(", ")} for ${settings}`);
    curves.svg.setAttribute("aria-label", `${least < 0 ? "f above its minimum" : "f"} against the step, on a logarithmic axis`);
    tellHeats();
    tellSliders(typing);
    tellCode();
    player.tell();
  });
  view.words = () => lines.map(({ item }) => item.textContent).join(" ");
  view.show();
  return view.leave;
}

// The run of each rule and its rates, as Plane.descend and Plane.tell in plane.py.
function runs({ rules, maps: [map], formulas }, scene, settings) {
  const [x, y] = scene.sliders.map(({ name }) => settings[name]);
  return rules.map((rule, r) => {
    const { rule: name, knobs: usual } = scene.rules[r];
    const knobs = knobsFor(rule, name, (knob) => settings[knob] ?? usual[knob]);
    const run = descend(rule, knobs, map, map.start, scene);
    const shrunk = Math.max(run.last - map.least, 1e-300) / (run.first - map.least);
    const rates = { "measured rate": shrunk ** (1 / (2 * scene.steps)), predicted: formulas[r]?.(x, y) };
    const known = Object.entries(rates).filter(([, rate]) => isFinite(rate));
    return { ...run, verdict: [run.verdict, known.map(([name, rate]) => `${name} ${rate.toFixed(4)}`).join(", ")] };
  });
}

// The heat maps: one on the left of the map of the paths, or a row of several above it. Returns tell().
function makeHeats(view, names, told) {
  const { heats, rules, shades } = view.scene;
  const place = make(view.side, "div", { class: "heats", style: `--count: ${heats.length}` });
  if (heats.length > 1) {
    view.el.prepend(place);
  } else {
    view.side.prepend(place);
    view.picture.before(view.side);
  }
  const tells = heats.map((heat, r) => makeHeat(view, make(place, "div"), heat, rules[r], names, told));
  const scale = make(place, "p", { class: "scale" });
  make(scale, "span", {}, `rate ≤ ${shades.ends[0]}`);
  make(scale, "span", { class: "ramp" }).style.background = `linear-gradient(to right, ${shades.colours})`;
  make(scale, "span", {}, `${shades.ends[1]}; white: f grows`);
  return () => tells.forEach((tell) => tell());
}

// One rule's heat map, with a ring at the settings that are picked. Returns tell().
function makeHeat(view, place, { view: [x, y], log, labels, rates, image }, look, names, told) {
  const { sliders, axes: grid, heats } = view.scene;
  const title = make(place, "p", { class: "title" });
  makeMarker(title, look);
  make(title, "span", {}, look.rule);
  const axes = makeAxes(place, { x, y, log, labels: names, height: heats.length > 1 ? 165 : 260, role: "group" });
  axes.svg.setAttribute("aria-label", `Measured rate of ${look.rule} for each ${names.join(" and ")}`);
  const picture = make(axes.ground, "image", { preserveAspectRatio: "none", href: `data:image/png;base64,${image}` });
  const numbers = labels.map(({ text }) => make(axes.inside, "text", { class: "level", "text-anchor": "middle" }, text));
  const ring = make(axes.front, "g", { class: "ring", tabindex: 0, role: "application" });
  for (const r of [13, 7, 7]) make(ring, "circle", { r });

  const fit = axes.fit;
  axes.fit = () => {
    fit();
    const { left: x, top: y, wide: width, high: height } = axes.box;
    Object.entries({ x, y, width, height }).forEach(([key, value]) => picture.setAttribute(key, value));
    const places = labels.map(({ at }) => [axes.toX(at[0]), axes.toY(at[1]) + 4]);
    places.forEach(([x, y], k) => { // where it is narrow, some would touch: those are left out
      const touches = ([a, b], j) => j < k && Math.abs(a - x) < 28 && Math.abs(b - y) < 12;
      numbers[k].style.display = places.some(touches) ? "none" : "";
      numbers[k].setAttribute("x", x);
      numbers[k].setAttribute("y", y);
    });
  };
  axes.fit();
  view.on("fit", axes.fit);

  const graded = (value, i) => (log[i] ? Math.log10(value) : value);
  const closest = (values, value, i) => nearest(values.map((v) => graded(v, i)), graded(value, i));
  const known = decode(rates);
  makeHover(axes, (point) => {
    const [i, j] = point.map((value, n) => closest(grid[n], value, n));
    const rate = known[j * grid[0].length + i];
    return `${rate < Infinity ? `rate ${rate.toFixed(3)}` : "diverges"} at (${short(grid[0][i])}, ${short(grid[1][j])})`;
  });
  const go = (choose, settled) => {
    const changes = sliders.map(({ name, values }, i) => [name, values[choose(values, i)]]);
    view.want(Object.fromEntries(changes), settled);
  };
  makePick(axes, ring, {
    drag: true,
    moved: (point, done) => (point ? go((values, i) => closest(values, point[i], i), done) : view.want({}, done)),
    stepped: (move, fast) => go((values, i) => {
      const at = nearest(values, view.wanted[names[i]]) + (fast ? 10 : 1) * move[i];
      return Math.min(Math.max(at, 0), values.length - 1);
    }, true),
  });
  return () => {
    const within = names.map((name, i) => Math.min(Math.max(view.wanted[name], axes.view[i][0]), axes.view[i][1]));
    ring.setAttribute("transform", `translate(${axes.toX(within[0])} ${axes.toY(within[1])})`);
    ring.classList.toggle("asked", names.some((name) => view.wanted[name] !== view.drawn[name]));
    ring.setAttribute("aria-label", `${look.rule} at ${told(view.drawn)}; arrow keys move it`);
  };
}

// The call of a live map with the paths that are drawn.
function codeOf({ scene, drawn }) {
  const calls = scene.rules.map((rule) => callOf(rule, (name) => drawn[name] ?? rule.knobs[name]));
  return `stage(${calls.join(", ")}, on=${scene.code.on[0]}${scene.code.tail})`;
}
