/* global make, short, same, openAsking, descend, knobsFor, turnedMap, makeMap, turned, makePick, makePaths, makeCurves, column, tellRun, lastStep */
/* global makePlayer, makeSliders, makeSwitch, makeArrowSwitch, makeCopy, callOf, makeReadout, makeButton */
/* exported render */
// The live map, drawn in the browser. See stage.py for its settings.

function render({ model, el }) {
  const view = openAsking(model, el, runs);
  const { scene } = view;
  const { rules, columns } = scene;
  const map = makeMap(view.picture, 400);
  const player = makePlayer(view.picture, {
    last: scene.steps, pause: 90, show: () => view.show(), quiet: view.quiet,
    ends: () => Math.max(...visible().map((r) => lastStep(view.results[r], columns))),
  });
  makeButton(player.bar, "Reset", () => {
    player.stop();
    player.at = scene.steps;
    view.reset();
  });
  const least = scene.maps.some((each) => each.least !== 0);
  const curves = makeCurves(view.picture, rules, { last: scene.steps, label: least ? "f − min f" : "f" });
  view.on("fit", () => [map, curves].forEach((axes) => axes.fit()));
  view.on("leave", () => player.stop());

  const visible = () => rules.map((_, r) => r).filter((r) => !view.drawn.hidden.includes(r));
  const start = makeStart(view, map);
  const drawPaths = makePaths(view, map, player, () => sameGround(view));
  const curve = (result, low) => column(result, 2, columns).map((f) => f - low);
  const tellSliders = makeSliders(view, {
    choose: (name, k) => ({ [name]: k, start: null }),
    // A prediction is one for the opening's landscape.
    reveals: (rule) => [rule === null || visible().includes(rule), view.drawn.landscape === 0],
  });
  const tellChoices = makeExtras(view, drawPaths);
  const lines = makeReadout(view.side, rules);

  view.on("show", (typing) => {
    const { settings, landscape, turn } = { settings: view.drawn, ...view.drawn };
    map.show(scene.maps[landscape], turn);
    const drawn = drawPaths(visible());
    const shown = visible();
    const on = (results) => rules.map((_, r) =>
      results && shown.includes(r) ? curve(results[r], scene.maps[landscape].least) : null);
    curves.draw(on(view.results), on(sameGround(view) && view.before.results), player.at);
    rules.forEach((rule, r) => {
      lines[r].item.hidden = !shown.includes(r);
      if (!drawn[r]) return;
      const set = rule.knobs.map((name) => `${name} ${short(settings[`${r}.${name}`])}`);
      lines[r].tell(`${[rule.rule, ...set].join(", ")}: ${tellRun(view.results[r], drawn[r], columns)}`, /^diverg/.test(view.results[r].verdict));
    });
    map.svg.setAttribute("aria-label",
      `Map of the ${scene.maps[landscape].name} with the paths of ${shown.map((r) => rules[r].rule).join(", ")}`);
    curves.svg.setAttribute("aria-label", `${least ? "f above its minimum" : "f"} against the step, on a logarithmic axis`);
    start();
    tellSliders(typing);
    tellChoices();
    player.tell();
  });
  view.words = () => lines.filter(({ item }) => !item.hidden).map(({ item }) => item.textContent).join(" ");
  view.show();
  return view.leave;
}

// The run of each rule, as Stage._run in stage.py.
function runs({ rules, maps, turns }, scene, settings) {
  let map = maps[settings.landscape];
  let start = settings.start ?? map.start;
  if (turns) {
    map = turnedMap(map, settings.turn);
    start = map.turn(start);
  }
  return rules.map((rule, r) => {
    const knobs = knobsFor(rule, scene.rules[r].rule, (name) => settings[`${r}.${name}`]);
    return descend(rule, knobs, map, start, scene);
  });
}

// Whether what was drawn before lies on the ground that is drawn now.
function sameGround({ before, drawn }) {
  const ground = ({ landscape, turn }) => [landscape, turn];
  return before && same(ground(before.settings), ground(drawn));
}

// The start, to drag, to move by arrow keys, or to place by a click. It stands where the path drawn
// begins; what is only asked for is a dashed circle.
function makeStart(view, map) {
  const { scene } = view;
  const grip = make(map.front, "g", { class: "start", tabindex: 0, role: "application" });
  make(grip, "circle", { r: 13, fill: "transparent", stroke: "none" });
  make(grip, "circle", { r: 7, fill: "#fff", stroke: "#000", "stroke-width": 2 });
  const at = ({ start, landscape, turn }) => turned(start ?? scene.maps[landscape].start, turn);
  const place = (point, settled) => {
    const clipped = point.map((v, i) => Math.min(Math.max(v, map.view[i][0]), map.view[i][1]));
    view.want({ start: turned(clipped, -view.wanted.turn).map((v) => +v.toPrecision(6)) }, settled);
  };
  const rounded = (point) => point.map((value, i) => {
    const [low, high] = map.view[i];
    const step = 10 ** Math.floor(Math.log10((high - low) / 200));
    return Math.abs(value) < 0.012 * (high - low) ? 0 : +(Math.round(value / step) * step).toPrecision(6);
  });
  makePick(map, grip, {
    moved: (point, done) => (point ? place(rounded(point), done) : view.want({}, done)),
    stepped(move, fast) {
      const size = fast ? 0.1 : 0.01;
      place(at(view.wanted).map((v, i) => v + move[i] * size * (map.view[i][1] - map.view[i][0])), true);
    },
  });
  return () => {
    const asked = !same(at(view.wanted), at(view.drawn));
    const point = at(view.wanted);
    const inside = [map.toX, map.toY].map((to, i) => to(Math.min(Math.max(point[i], map.view[i][0]), map.view[i][1])));
    grip.setAttribute("transform", `translate(${inside})`);
    grip.classList.toggle("asked", asked);
    const told = at(view.drawn).map(short).join(", ");
    grip.setAttribute("aria-label", `start at (${told}); arrow keys move it`);
  };
}

// What can be switched: arrows, rules, and the code of what is drawn. Returns tell().
function makeExtras(view, drawPaths) {
  const { rules } = view.scene;
  const bar = make(view.side, "div", { class: "extras" });
  const shows = rules.map((rule, r) => {
    if (rules.length < 2) return null;
    return makeSwitch(bar, rule.rule, rule, (on) => {
      const hidden = view.wanted.hidden.filter((other) => other !== r);
      if (!on) hidden.push(r);
      if (hidden.length === rules.length) return view.refuse("One path at least is to be seen.");
      view.want({ hidden: hidden.sort((a, b) => a - b) });
    });
  });
  makeArrowSwitch(view, bar, drawPaths);
  const tellCode = makeCopy(view, bar, () => codeOf(view));
  return () => {
    shows.forEach((row, r) => row?.tell(!view.drawn.hidden.includes(r)));
    tellCode();
  };
}

// The call that opens with what is drawn.
function codeOf({ scene, drawn }) {
  const shown = scene.rules.map((rule, r) => [rule, r]).filter(([, r]) => !drawn.hidden.includes(r));
  const calls = shown.map(([rule, r]) => callOf(rule, (name) => drawn[`${r}.${name}`]));
  const start = drawn.start ? `, start=(${drawn.start.join(", ")})` : "";
  const turn = scene.sliders.some(({ name }) => name === "turn") ? `, turn=${drawn.turn}` : "";
  return `stage(${calls.join(", ")}, on=${scene.code.on[drawn.landscape]}${start}${scene.code.tail}${turn})`;
}
