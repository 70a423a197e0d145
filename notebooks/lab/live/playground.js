/* global make, short, decimals, decode, openHere, makeAxes, makeHover */
/* global makePlayer, makeSliders, makeSwitch, makeReadout, makeButton, makeCopy */
/* exported render */
// The matrix playground: what a matrix has learnt of each association, and the singular values of
// the step that it has just taken. See playground.py.

const MANY = 8; // associations, and singular values
const COLUMNS = 2 * MANY; // numbers of a step: the shares, then the singular values

function render({ model, el }) {
  const { sliders, rules, steps, runs, calls, tail, at } = model.get("scene");
  const rates = rules.map((_, r) => sliders.find(({ name }) => name === `${r}.lr`).values);
  const found = cut(decode(runs), rates, steps);
  const rateOf = (settings) => settings[`${settings.rule}.lr`];
  const tellSetting = (settings) => `${sliders[0].values[settings.rule]}, lr ${short(rateOf(settings))}, ` +
    `keys and values ${settings.turned ? "turned" : "along the axes"}`;
  const view = openHere(model, el, (settings) => {
    const { rule, turned } = settings;
    return { rule, run: found[rule][+turned][rates[rule].indexOf(rateOf(settings))] };
  });
  const shares = makeBars(view, view.picture, {
    y: view.scene.shown, height: 370, labels: ["association, frequent first", "share learnt"],
    levels: [["half", 0.5], ["learnt", 1]], first: 0,
    tell: (i, value) => `${i + 1}: asked ${(100 * view.scene.frequencies[i]).toFixed(1)} % of the time, ${value} learnt`,
  });
  const stretch = makeBars(view, view.side, {
    y: view.scene.stretch, log: true, height: 200, labels: ["the largest first", "singular values of the step"],
    levels: [], first: MANY, tell: (i, value) => `number ${i + 1}: ${value}`,
  });
  const tellSliders = makeSliders(view, { reveals: (rule) => [rule === null || rule === view.wanted.rule, true] });
  const bar = make(view.side, "div", { class: "extras" });
  const turned = makeSwitch(bar, "turn keys and values", null, (on) => view.want({ turned: on }));
  makeButton(bar, "Reset", () => {
    player.stop();
    player.at = at;
    view.reset();
  });
  // The rule that is drawn comes first in the call, since a picture opens with its first.
  const tellCode = makeCopy(view, bar, () => {
    const order = [view.drawn.rule, ...rules.keys()].filter((r, k, all) => all.indexOf(r) === k);
    const parts = order.map((r) => calls[r].replace(`LR${r}`, view.drawn[`${r}.lr`]));
    if (view.drawn.turned) parts.push("turned=True");
    return `playground(${parts.join(", ")}, at=${player.at}${tail})`;
  });
  const [learnt, moved, outlined] = makeReadout(view.side, [null, null, null]);
  const player = makePlayer(view.side, { last: steps, pause: 80, show: () => view.show(), quiet: view.quiet });
  player.at = at;
  view.on("fit", () => [shares, stretch].forEach((axes) => axes.fit()));
  view.on("leave", () => player.stop());

  view.on("show", (typing) => {
    const { rule, run } = view.results;
    const row = Array.from(run.subarray(COLUMNS * player.at, COLUMNS * (player.at + 1)));
    const off = shares.draw(player.at);
    stretch.draw(player.at);
    const setting = tellSetting(view.drawn);
    const gone = off.length ? ` Off the picture: ${off.map((i) => i + 1).join(", ")}.` : "";
    learnt.tell(`${setting}. ${tellHalf(run, steps)}.${gone}`, off.length > 0);
    moved.tell(tellStretch(row.slice(MANY), player.at));
    outlined.item.hidden = !view.before;
    outlined.tell(view.before ? `Dashed, before: ${tellSetting(view.before.settings)}.` : "");
    const now = row.slice(0, MANY).map((value) => decimals(value, 2)).join(", ");
    shares.svg.setAttribute("aria-label", `What is learnt of each association at step ${player.at}: ${now}; ${setting}`);
    stretch.svg.setAttribute("aria-label", `The eight singular values. ${tellStretch(row.slice(MANY), player.at)}`);
    tellSliders(typing);
    turned.tell(view.drawn.turned);
    tellCode();
    player.tell();
  });
  view.words = () => [learnt, moved].map(({ item }) => item.textContent).join(" ");
  view.show();
  return view.leave;
}

// Cut what the kernel sent into runs[rule][turned][position of its lr].
function cut(data, rates, steps) {
  const size = COLUMNS * (steps + 1);
  let next = 0;
  return rates.map((values) => [0, 1].map(() => values.map(() => data.subarray(next, (next += size)))));
}

function tellHalf(run, steps) {
  const when = Array.from({ length: MANY }, (_, i) => {
    let t = 0;
    while (t <= steps && !(run[COLUMNS * t + i] >= 0.5)) t++;
    return t > steps ? "–" : String(t);
  });
  const missing = when.includes("–") ? ` (–: not in ${steps})` : "";
  return `Half learnt after ${when.join(", ")} steps${missing}`;
}

function tellStretch(values, at) {
  if (!at) return "No step yet.";
  const [largest, smallest] = [values[0], values[MANY - 1]];
  if (!Number.isFinite(largest)) return `Step ${at} is lost: its numbers are too large.`;
  if (!(largest > 0)) return `Step ${at} is zero.`;
  const times = smallest > 1e-6 * largest ? short(+(largest / smallest).toPrecision(2)) : "more than a million";
  return `Step ${at}: its largest singular value is ${short(largest)}, ${times} times the smallest.`;
}

// Eight bars on axes, over the outlines of those of the setting before. levels: [name, height] of
// lines, whose names stand beside the axes, where no bar is behind them. draw(at) returns which of
// them are not seen to their end.
function makeBars(view, place, { y, log = false, height, labels, levels, first, tell }) {
  const { rules } = view.scene;
  const axes = makeAxes(place, {
    x: [0.4, MANY + 0.6], y, log: [false, log], labels, height, aside: levels.length ? 48 : 12,
  });
  const { inside, toX, toY } = axes;
  const lines = levels.map(([name, value]) => ({
    value, line: make(inside, "path", { class: "cross" }), text: make(axes.front, "text", { class: "level" }, name),
  }));
  const bars = Array.from({ length: MANY }, () => make(inside, "rect", { class: "bar", "fill-opacity": 0.6 }));
  const ghosts = bars.map(() => make(inside, "rect", { class: "ghost faint", fill: "none", "stroke-width": 1.4, "stroke-dasharray": "3 2" }));
  const base = () => toY(log ? y[0] : 0);
  const put = (node, i, value) => {
    const top = toY(Math.min(Math.max(value || 0, y[0]), y[1]));
    const sides = { x: toX(i + 0.6), width: toX(i + 1.4) - toX(i + 0.6), y: Math.min(top, base()), height: Math.abs(base() - top) };
    Object.entries(sides).forEach(([key, side]) => node.setAttribute(key, side));
  };
  let shown = [];
  axes.draw = (at) => {
    for (const { value, line, text } of lines) {
      line.setAttribute("d", `M${axes.box.left},${toY(value)}H${axes.box.right}`);
      text.setAttribute("x", axes.box.right + 6);
      text.setAttribute("y", toY(value) + 4);
    }
    const { rule, run } = view.results;
    const before = view.before?.results;
    shown = Array.from(run.subarray(COLUMNS * at + first, COLUMNS * at + first + MANY));
    shown.forEach((value, i) => {
      bars[i].setAttribute("fill", rules[rule].colour);
      put(bars[i], i, value);
      ghosts[i].style.display = before ? "" : "none";
      if (!before) return;
      ghosts[i].setAttribute("stroke", rules[before.rule].colour);
      put(ghosts[i], i, before.run[COLUMNS * at + first + i]);
    });
    return [...shown.keys()].filter((i) => !(shown[i] >= y[0] && shown[i] <= y[1]));
  };
  makeHover(axes, ([x]) => {
    const i = Math.min(Math.max(Math.round(x), 1), MANY) - 1;
    return Number.isFinite(shown[i]) ? tell(i, short(shown[i])) : "";
  });
  return axes;
}
