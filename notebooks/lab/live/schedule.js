/* global make, floats, short, scientific, openHere, makeAxes, makeCurves, makeHover, polyline, headOf */
/* global makePlayer, makeSliders, makeReadout, makeButton, makeCopy */
/* exported render */
// The live schedules: the learning rate above, the mean loss below. See schedule.py.

function render({ model, el }) {
  const view = openHere(model, el, curvesOf(model));
  const { scene } = view;
  const { steps, runs, rules, peaks, shapes, heights, told, code } = scene;
  const rates = makeRates(view.picture, rules[0], steps, peaks.at(-1));
  const losses = makeCurves(view.picture, rules, { last: steps, label: "mean f", height: 190, also: heights });
  const player = makePlayer(view.picture, {
    last: steps, pause: 40, show: () => view.show(), quiet: view.quiet,
    ends: () => (view.results.lost < 0 ? steps : view.results.lost),
  });
  makeButton(player.bar, "Reset", () => {
    player.stop();
    player.at = steps;
    view.reset();
  });
  const within = (t) => Math.min(Math.max(Math.round(t), 0), steps);
  makeHover(rates, ([t]) => (within(t) ? `step ${within(t)}: ${short(view.results.rates[within(t)])}` : ""));
  view.on("fit", () => [rates, losses].forEach((axes) => axes.fit()));
  view.on("leave", () => player.stop());
  const tellSliders = makeSliders(view);
  const bar = make(view.side, "div", { class: "extras" });
  const tellCode = makeCopy(view, bar, () => {
    const { shape, warmup, peak } = view.drawn;
    return `${code[0]}, shape="${shapes[shape]}", warmup=${warmup}, peak=${peak}${code[1]})`;
  });
  const lines = makeReadout(view.side, [rules[0], rules[0]]);

  view.on("show", (typing) => {
    const { shape, warmup, peak } = view.drawn;
    const [now, before] = [view.results, view.before?.results];
    const { at } = player;
    rates.draw(now.rates, before?.rates, at);
    losses.draw([now.losses], [before?.losses], at);
    const setting = `peak ${short(peak)}, warm-up ${warmup}, then ${shapes[shape]}`;
    const used = now.rates.slice(1, at + 1).reduce((sum, rate) => sum + rate, 0);
    lines[0].tell(`Step ${at}, ${setting}: learning rate ${at ? short(now.rates[at]) : "not yet used"}, ` +
      `sum so far ${short(used)}.`);
    lines[1].tell(tellLoss(now, at, { runs, steps }), now.lost >= 0);
    rates.svg.setAttribute("aria-label", `Learning rate against the step; ${setting}, step ${at}`);
    losses.svg.setAttribute("aria-label",
      `Mean f of ${told} against the step, on a logarithmic axis; ${setting}, step ${at}`);
    tellSliders(typing);
    tellCode();
    player.tell();
  });
  view.words = () => lines.map(({ item }) => item.textContent).join(" ");
  view.show();
  return view.leave;
}

// Returns settings → {rates and losses at steps 0, 1, …, the step from which runs are lost, or −1}.
function curvesOf(model) {
  const { sliders, steps } = model.get("scene");
  const [losses, shares] = [floats(model.get("losses")), floats(model.get("shares"))];
  const [peaks, warmups] = sliders.map(({ values }) => values);
  return ({ shape, warmup, peak }) => {
    const row = shape * warmups.length + warmups.indexOf(warmup);
    const curve = row * peaks.length + peaks.indexOf(peak);
    const found = losses.subarray(curve * (steps + 1), (curve + 1) * (steps + 1));
    const used = [...shares.subarray(row * steps, (row + 1) * steps)].map((share) => peak * share);
    return { rates: [NaN, ...used], losses: found, lost: found.findIndex(Number.isNaN) };
  };
}

// The learning rate against the step: all of it faintly, up to the step shown in full, and the last
// setting's dotted.
function makeRates(parent, look, steps, highest) {
  const axes = makeAxes(parent, { x: [0, steps], y: [0, 1.04 * highest], labels: ["", "learning rate"], height: 150, grid: true });
  const { inside, toX, toY } = axes;
  const cursor = make(inside, "path", { class: "cursor" });
  const ghost = polyline(inside, look, { "stroke-width": 1.2, "stroke-opacity": 0.35, class: "faint" });
  const whole = polyline(inside, look, { "stroke-width": 1.3, "stroke-opacity": 0.4 });
  const line = polyline(inside, look, { "stroke-width": 1.8 });
  const head = make(axes.front, "path", headOf(look));
  const along = (rates, to) =>
    rates.slice(1, to + 1).map((rate, k) => `${toX(k + 1).toFixed(1)},${toY(rate).toFixed(1)}`);
  axes.draw = (rates, before, at) => {
    const shown = along(rates, at);
    cursor.setAttribute("d", `M${toX(at)},${axes.box.top}V${axes.box.bottom}`);
    ghost.setAttribute("points", before ? along(before, steps).join(" ") : "");
    whole.setAttribute("points", along(rates, steps).join(" "));
    line.setAttribute("points", shown.join(" "));
    head.setAttribute("transform", `translate(${shown.at(-1) ?? "-99,-99"}) scale(1.5)`);
  };
  return axes;
}

// The mean loss at the step shown, and how it ends if that is another.
function tellLoss({ losses, lost }, at, { runs, steps }) {
  const gone = `uns diverge from step ${lost} on`;
  if (lost >= 0 && at >= lost) return `R${gone}, so there is no mean f.`;
  const now = `Mean f of ${runs} runs: ${scientific(losses[at])}.`;
  if (lost >= 0) return `${now} In the end: r${gone}.`;
  return at === steps ? now : `${now} In the end: ${scientific(losses[steps])}.`;
}
