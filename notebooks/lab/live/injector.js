/* global make, short, openAsking, descend, knobsFor, makeMap, makePaths, makeCurves, column, tellRun, lastStep */
/* global makePlayer, makeSliders, makeArrowSwitch, makeCopy, callOf, makeReadout, makeButton */
/* exported render */
// The fault injector, drawn in the browser. See injector.py for its settings.

const RATIO = 4; // its column in a run

function render({ model, el }) {
  const view = openAsking(model, el, runs);
  const { scene } = view;
  const { rules, columns } = scene;
  const map = makeMap(view.picture, 290);
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
  const curves = makeCurves(view.picture, rules, { last: scene.steps, label: least < 0 ? "f − min f" : "f", height: 106 });
  const ratios = makeCurves(view.picture, [rules[1]], {
    last: scene.steps, label: "ratio of steps", also: [0.1, 10], height: 132,
  });
  const equal = make(ratios.ground, "path", { stroke: "#1b1f24" }); // the same step
  view.on("fit", () => [map, curves, ratios].forEach((axes) => axes.fit()));
  view.on("leave", () => player.stop());

  const drawPaths = makePaths(view, map, player);
  const tellSwitches = makeSwitches(view);
  const tellSliders = makeSliders(view);
  const bar = make(view.side, "div", { class: "extras" });
  makeArrowSwitch(view, bar, drawPaths);
  const tellCode = makeCopy(view, bar, () => codeOf(view));
  const lines = makeReadout(view.side, [...rules, rules[1]]);
  const curve = (result) => column(result, 2, columns).map((f) => f - least);
  const ratio = ([, result]) => column(result, RATIO, columns);
  // Their order is the sliders': a saved notebook brings the keys of the settings back in another.
  const knobs = scene.sliders.filter(({ name }) => !(name in scene.choices));
  const sound = (curve) => curve.map((r) => (r < Infinity ? r : NaN)); // left out where there is none

  view.on("show", (typing) => {
    const told = faultsOf(view);
    const names = [`Adam, ${knobs.map(({ name }) => `${name} ${short(view.drawn[name])}`).join(", ")}`, `FaultyAdam, ${told}`];
    drawPaths().forEach((drawn, r) => {
      const result = view.results[r];
      lines[r].tell(`${names[r]}: ${tellRun(result, drawn, columns)}`, /^diverg/.test(result.verdict));
    });
    curves.draw(view.results.map(curve), view.before ? view.before.results.map(curve) : [], player.at);
    ratios.draw([sound(ratio(view.results))], view.before ? [sound(ratio(view.before.results))] : [], player.at);
    equal.setAttribute("d", `M${ratios.box.left},${ratios.toY(1)}H${ratios.box.right}`);
    const compared = compare(ratio(view.results), player.at);
    lines[2].tell(compared);
    map.svg.setAttribute("aria-label", `Map of the ${scene.maps[0].name} with the paths of Adam and of FaultyAdam, ${told}`);
    curves.svg.setAttribute("aria-label", `${least < 0 ? "f above its minimum" : "f"} against the step, on a logarithmic axis`);
    ratios.svg.setAttribute("aria-label", `The length of FaultyAdam's steps against Adam's, ${told}. ${compared}`);
    tellSwitches();
    tellSliders(typing);
    tellCode();
    player.tell();
  });
  view.words = () => lines.map(({ item }) => item.textContent).join(" ");
  view.show();
  return view.leave;
}

// The runs of Adam and of the Adam with the faults, as Injector.descend in injector.py. The program's
// other rules are Adam with each choice of faults, the last switch turning fastest.
function runs({ rules: [adam, ...faulty], maps: [map] }, scene, settings) {
  const { steps, columns, sliders, choices } = scene;
  const knobs = knobsFor(adam, "Adam", (name) => settings[name]);
  const switches = sliders.filter(({ name }) => name in choices);
  const wrong = faulty[switches.reduce((k, { name, values }) => k * values.length + settings[name], 0)];
  const [right, other] = [adam, wrong].map((rule) => descend(rule, knobs, map, map.start, scene));
  const gradients = Array.from({ length: steps }, (_, t) => {
    const o = [0, 0, 0];
    map.at(right.points[t * columns], right.points[t * columns + 1], o);
    return isFinite(o[1]) && isFinite(o[2]) ? o.slice(1) : null;
  });
  const [own, another] = [adam, wrong].map((rule) => stepLengths(rule, knobs, gradients));
  gradients.forEach((known, t) => {
    right.points[(t + 1) * columns + RATIO] = 1;
    other.points[(t + 1) * columns + RATIO] = known ? another[t] / own[t] : NaN;
  });
  return [right, other];
}

// How long each step of a rule is that is fed these gradients, as faults.step_lengths.
function stepLengths({ step, memory }, knobs, gradients) {
  const states = [0, 1].map(() => new Float64Array(1 + memory));
  return gradients.map((g, t) => {
    const moves = states.map((state, i) => {
      state[0] = 0;
      step(state, g?.[i] ?? 0, knobs, t + 1);
      return state[0];
    });
    return Math.sqrt(moves[0] * moves[0] + moves[1] * moves[1]);
  });
}

// The faults that are drawn, in words.
function faultsOf({ scene, drawn }) {
  const switches = scene.sliders.filter(({ name }) => name in scene.choices);
  const wrong = switches.filter(({ name }) => drawn[name] > 0);
  return wrong.map(({ name, label, values }) => `${label} ${values[drawn[name]]}`).join(", ") || "no fault";
}

// A row of buttons for each kind of fault; the first of each is right. Returns tell().
function makeSwitches(view) {
  const { sliders, choices } = view.scene;
  const board = make(view.side, "div", { class: "switches" });
  const groups = sliders.filter(({ name }) => name in choices).map(({ name, label, values }) => {
    const id = `switch-${Math.random().toString(36).slice(2)}`;
    const group = make(board, "fieldset");
    make(group, "legend", {}, label);
    const radios = values.map((choice, k) => {
      const row = make(group, "label");
      const radio = make(row, "input", { type: "radio", name: id, "data-choice": choice });
      make(row, "span", {}, choice);
      radio.addEventListener("change", () => view.want({ [name]: k }));
      return { row, radio };
    });
    return { name, group, radios };
  });
  return () => {
    for (const { name, group, radios } of groups) {
      const asked = view.wanted[name] !== view.drawn[name];
      group.classList.toggle("asked", asked);
      radios.forEach(({ row, radio }, k) => {
        radio.checked = view.wanted[name] === k;
        row.classList.toggle("fault", radio.checked && k > 0);
      });
    }
  };
}

const times = (ratio) => `${short(+ratio.toPrecision(3))} times`;

// What the ratios of the steps 1, 2, … say: at the step shown, at most and at least, in the end.
function compare(ratios, at) {
  const say = (ratio) => {
    if (ratio < Infinity) return `${times(ratio)} the right step`;
    return ratio > 0 ? "a step where the right one is 0" : "no right step to compare with";
  };
  const now = at ? `Step ${at}: ${say(ratios[at])}.` : "Step 0: no step taken yet.";
  const end = at < ratios.length - 1 ? ` In the end: ${say(ratios.at(-1))}.` : "";
  return `${now}${extremes(ratios)}${end} Both rules are fed the same gradients, those along Adam's path.`;
}

// The smallest and the largest ratio in words; nothing if there is none.
function extremes(ratios) {
  const known = [...ratios.keys()].filter((k) => ratios[k] < Infinity);
  if (!known.length) return "";
  const [least, most] = [-1, 1].map((sign) =>
    known.reduce((best, k) => (sign * ratios[k] > sign * ratios[best] ? k : best)));
  const [low, high] = [least, most].map((k) => times(ratios[k]));
  if (low === high) return ` At every step: ${low}.`;
  return ` Least: ${low} at step ${least}. Most: ${high} at step ${most}.`;
}

// The call that opens with what is drawn.
function codeOf({ scene, drawn }) {
  const call = callOf(scene.rules[1], (name) => drawn[name]);
  const faults = scene.sliders.filter(({ name }) => name in scene.choices && drawn[name] > 0).map(({ name }) => {
    const [keyword, choices] = scene.choices[name];
    return `, ${keyword}=${JSON.stringify(choices[drawn[name]])}`;
  });
  return `injector(${call.slice(0, -1)}${faults.join("")}), on=${scene.code.on[0]}${scene.code.tail})`;
}
