/* global make, short, same, openAsking, makeMap, turned, makePick, makeTrail, makeCurves, makeArrows */
/* global tellRun, lastStep, makePlayer, makeKnob, makeChoice, makeSwitch, makeReadout, makeButton */
/* exported render */
// The live map, drawn in the browser. See stage.py for its settings.

function render({ model, el }) {
  const view = openAsking(model, el);
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
  const drawPaths = makePaths(view, map, player);
  const curve = ({ points }, low) => {
    const heights = new Float32Array(points.length / columns);
    for (let k = 0; k < heights.length; k++) heights[k] = points[columns * k + 2] - low;
    return heights;
  };
  const tellSliders = makeSliders(view);
  const tellChoices = makeExtras(view, drawPaths);
  const lines = makeReadout(view.side, rules);
  makeHover(view, map);

  view.on("show", (typing) => {
    const { settings, landscape, turn } = { settings: view.drawn, ...view.drawn };
    map.show(scene.maps[landscape], turn);
    const told = drawPaths(visible());
    const shown = visible();
    const on = (results) => rules.map((_, r) =>
      results && shown.includes(r) ? curve(results[r], scene.maps[landscape].least) : null);
    curves.draw(on(view.results), on(sameGround(view) && view.before.results), player.at);
    rules.forEach((rule, r) => {
      lines[r].item.hidden = !shown.includes(r);
      if (!told[r]) return;
      const set = rule.knobs.map((name) => `${name} ${short(settings[`${r}.${name}`])}`);
      lines[r].tell(`${[rule.rule, ...set].join(", ")}: ${told[r]}`, /^diverg/.test(view.results[r].verdict));
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

// Whether what was drawn before lies on the ground that is drawn now.
function sameGround({ before, drawn }) {
  const ground = ({ landscape, turn }) => [landscape, turn];
  return before && same(ground(before.settings), ground(drawn));
}

// The paths and, where wanted, arrows at their heads. Returns draw(rules shown) → what to tell of each.
function makePaths(view, map, player) {
  const { rules, columns } = view.scene;
  const trails = rules.map((rule) => makeTrail(map, rule, columns));
  const arrows = rules.map((rule) => makeArrows(map, rule, columns));
  const draw = (shown) => rules.map((_, r) => {
    arrows[r].hide();
    if (!shown.includes(r)) return trails[r].hide();
    trails[r].show();
    const result = view.results[r];
    const before = sameGround(view) && view.before.results[r] !== result ? view.before.results[r] : null;
    const drawn = trails[r].draw(result, player.at, before);
    if (draw.arrows && drawn.off < 0) arrows[r].draw(result, drawn.last);
    return tellRun(result, drawn, columns);
  });
  return draw;
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

// A row for each slider of the scene. Returns tell(typing).
function makeSliders(view) {
  const { sliders, rules } = view.scene;
  const table = make(view.side, "div", { class: "knobs" });
  const rows = sliders.map((slider) => {
    const { name, rule, values } = slider;
    const look = rule === null ? null : rules[rule];
    const data = { knob: name.replace(/^\d+\./, ""), rule: look?.rule ?? "" };
    const row = typeof values[0] === "string"
      ? makeChoice(table, { ...slider, data }, look, (k) => view.want({ [name]: k, start: null }))
      : makeKnob(table, { ...slider, data }, look, {
        slid: (value) => view.want({ [name]: value }, false),
        settled: () => view.want({}, true),
        typed: (value) => view.want({ [name]: value }),
        refused: view.refuse,
      });
    view.on("fit", row.fit);
    return { name, rule, row };
  });
  return (typing) => {
    for (const { name, rule, row } of rows) {
      const shown = rule === null || !view.drawn.hidden.includes(rule);
      row.reveal(shown, view.drawn.landscape === 0); // a prediction is one for the opening's landscape
      row.tell(view.wanted[name], !same(view.wanted[name], view.drawn[name]), typing);
    }
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
  const arrows = makeSwitch(bar, "arrows", null, (on) => {
    drawPaths.arrows = on;
    view.show();
  });
  arrows.label.title = "Thin: downhill, −∇f, whatever its length. Thick: the last step, the velocity, to scale.";
  const code = make(view.side, "textarea", { class: "code", readonly: "", rows: 2, "aria-label": "the code of what is drawn" });
  code.hidden = true;
  const button = makeButton(bar, "Copy as code", async () => {
    code.value = codeOf(view);
    try {
      await navigator.clipboard.writeText(code.value);
      button.textContent = "Copied";
    } catch {
      code.hidden = false; // no clipboard here: to be copied by hand
      code.select();
    }
    setTimeout(() => (button.textContent = "Copy as code"), 1500);
  });
  return () => {
    shows.forEach((row, r) => row?.tell(!view.drawn.hidden.includes(r)));
    if (!code.hidden) code.value = codeOf(view);
  };
}

// The call that opens with what is drawn.
function codeOf({ scene, drawn }) {
  const shown = scene.rules.map((rule, r) => [rule, r]).filter(([, r]) => !drawn.hidden.includes(r));
  const calls = shown.map(([{ code }, r]) => {
    if (!code.knobs) return code.name;
    const set = code.knobs
      .map(([name, usual]) => [name, drawn[`${r}.${name}`], usual])
      .filter(([name, value, usual]) => name === "lr" || value !== usual)
      .map(([name, value]) => `${name}=${value}`);
    return `${code.name}(${set.join(", ")})`;
  });
  const start = drawn.start ? `, start=(${drawn.start.join(", ")})` : "";
  const turn = drawn.turn !== scene.first.turn ? `, turn=${drawn.turn}` : "";
  return `stage(${calls.join(", ")}, on=${scene.code.on[drawn.landscape]}${start}${scene.code.tail}${turn})`;
}

// f where the pointer is.
function makeHover(view, map) {
  const text = make(map.front, "text", { class: "hover", "text-anchor": "end" });
  map.svg.addEventListener("pointermove", (event) => {
    const point = map.place(event);
    const value = map.holds(...point) ? map.fAt(point) : NaN;
    const [x, y] = point.map((v) => v.toFixed(2));
    text.textContent = Number.isFinite(value) ? `f ≈ ${+value.toPrecision(2)} at (${x}, ${y})` : "";
    text.setAttribute("x", map.box.right - 6);
    text.setAttribute("y", map.box.bottom - 7);
  });
  map.svg.addEventListener("pointerleave", () => (text.textContent = ""));
}
