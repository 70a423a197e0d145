/* global make, floats, short, scientific, openHere, makeMap, makeCurves, makePlayer, makeSliders */
/* global makeReadout, makeButton, makeCopy */
/* exported render */
// The live cloud: the dots that the kernel sent, and the ellipse predicted for them. See cloud.py.

function render({ model, el }) {
  const { examples, steps, runs, rules, predicted, code } = model.get("scene");
  const whole = (name, value) =>
    name === "batch" && Number.isInteger(value) && value >= 1 && value <= examples;
  const view = openHere(model, el, cloudOf(model), whole);
  const { scene } = view;
  const map = makeMap(view.picture, 340);
  map.show(scene.maps[0]);
  const clouds = [true, false].map((faint) => makeCloud(map, rules[0], predicted, faint));
  const player = makePlayer(view.picture, {
    last: steps.length - 1, pause: 450, label: (at) => `step ${steps[at]} of ${steps.at(-1)}`,
    show: () => view.show(), quiet: view.quiet, ends,
  });
  makeButton(player.bar, "Reset", () => {
    player.stop();
    player.at = steps.length - 1;
    view.reset();
  });
  const curves = makeCurves(view.picture, [rules[0], predicted], {
    last: steps.at(-1), label: "mean f", height: 150, names: ["measured", "predicted"],
  });
  curves.svg.setAttribute("aria-label", "Mean f against the step, measured and predicted, on a logarithmic axis");
  view.on("fit", () => [map, curves].forEach((axes) => axes.fit()));
  view.on("leave", () => player.stop());
  const tellSliders = makeSliders(view);
  const bar = make(view.side, "div", { class: "extras" });
  const tellCode = makeCopy(view, bar, () => {
    const { lr, batch } = view.drawn;
    return `cloud(SGD(lr=${lr}), on=${code}, sigma=${scene.sigma}, examples=${examples}, batch=${batch})`;
  });
  const lines = makeReadout(view.side, [rules[0], predicted, predicted]);

  const beyond = (dots) => dots.filter(([x, y]) => !map.holds(x, y)).length;
  // Play may stop where the last run has left the map for good.
  function ends() {
    let at = steps.length - 1;
    while (at > 0 && beyond(view.results.at(at - 1).dots) === runs) at--;
    return at;
  }

  view.on("show", (typing) => {
    const { lr, batch } = view.drawn;
    const [now, before] = [view.results, view.before?.results];
    const cloud = now.at(player.at);
    clouds[0].draw(before?.at(player.at));
    clouds[1].draw(cloud);
    curves.draw([now.measured, now.predicted], [before?.measured, before?.predicted], steps[player.at]);
    const setting = `lr ${short(lr)}, batch ${batch} of ${examples}`;
    const told = tellCloud(now, cloud, { step: steps[player.at], off: beyond(cloud.dots), setting, runs });
    const floor = tellFloor(lr, now.s, scene.curvature);
    [...told, floor.text].forEach((text, k) => lines[k].tell(text, k === 2 && floor.lost));
    map.svg.setAttribute("aria-label",
      `Map of the ${scene.maps[0].name} with ${runs} runs of SGD as dots and the predicted ellipse; ` +
      `${setting}, step ${steps[player.at]}`);
    tellSliders(typing);
    tellCode();
    player.tell();
  });
  view.words = () => lines.map(({ item }) => item.textContent).join(" ");
  view.show();
  return view.leave;
}

// Returns settings → {s, measured, predicted: mean f at every step, at(k): the cloud at steps[k]}.
function cloudOf(model) {
  const { sliders, steps, runs, curvature, sigma, examples, maps } = model.get("scene");
  const [offsets, sums] = [floats(model.get("dots")), floats(model.get("sums"))];
  const [{ start }] = maps;
  const rates = sliders[0].values;
  const length = steps.at(-1) + 1;
  let kept = {};
  return ({ lr, batch }) => {
    if (kept.lr === lr && kept.batch === batch) return kept;
    const rate = rates.indexOf(lr);
    const wide = Math.sqrt((examples - batch) / (batch * (examples - 1))); // of a batch of one
    const s = sigma * wide;
    // The mean and the variance that the recursions predict for coordinate i after t steps.
    function predict(i, t) {
      const factor = 1 - lr * curvature[i];
      const square = factor * factor;
      const sum = Math.abs(1 - square) < 1e-12 ? t : (1 - square ** t) / (1 - square);
      return { mean: factor ** t * start[i], variance: (lr * s) ** 2 * sum };
    }
    const [measured, predicted] = [new Float64Array(length), new Float64Array(length)];
    for (let t = 0; t < length; t++) {
      for (const i of [0, 1]) {
        const { mean, variance } = predict(i, t);
        const [off, root] = [0, 2].map((k) => wide * sums[4 * (rate * length + t) + k + i]);
        measured[t] += 0.5 * curvature[i] * (mean * mean + 2 * mean * off + root * root);
        predicted[t] += 0.5 * curvature[i] * (mean * mean + variance);
      }
    }
    function at(k) {
      const [x, y] = [0, 1].map((i) => predict(i, steps[k]));
      const dots = Array.from({ length: runs }, (_, run) => {
        const from = 2 * ((rate * runs + run) * steps.length + k);
        return [x.mean + wide * offsets[from], y.mean + wide * offsets[from + 1]];
      });
      return { dots, middle: [x.mean, y.mean], reach: [x, y].map((p) => 2 * Math.sqrt(p.variance)) };
    }
    kept = { lr, batch, s, measured, predicted, at };
    return kept;
  };
}

// The dots and the ellipse on a map; faint: those of the last setting.
function makeCloud({ inside, toX, toY, holds, view: [[left, right]] }, { colour }, predicted, faint) {
  const group = make(inside, "g", faint ? { class: "faint", opacity: 0.35 } : { class: "cloud" });
  const path = make(group, "path", { stroke: colour, "stroke-width": 3.4, "stroke-linecap": "round", "stroke-opacity": 0.6 });
  const ellipse = make(group, "ellipse", {
    fill: "none", stroke: predicted.colour, "stroke-width": 1.6, "stroke-dasharray": predicted.dashes.join(" "),
  });
  return {
    draw(cloud) {
      const shown = cloud?.dots.filter(([x, y]) => holds(x, y)) ?? [];
      path.setAttribute("d", shown.map(([x, y]) => `M${toX(x).toFixed(1)},${toY(y).toFixed(1)}h.01`).join(""));
      const drawn = cloud && Math.max(...cloud.reach, ...cloud.middle.map(Math.abs)) < 100 * (right - left);
      const [[x, y], [rx, ry]] = drawn ? [cloud.middle, cloud.reach] : [[0, 0], [0, 0]];
      const places = { cx: toX(x), cy: toY(y), rx: toX(rx) - toX(0), ry: toY(0) - toY(ry) };
      Object.entries(places).forEach(([key, value]) => ellipse.setAttribute(key, value));
    },
  };
}

// What is measured, and what was predicted for it.
function tellCloud({ s, measured, predicted }, { dots, middle, reach }, { step, off, setting, runs }) {
  const apart = Math.min(...reach) > 1e-30;
  const within = dots.filter(([x, y]) =>
    ((x - middle[0]) / reach[0]) ** 2 + ((y - middle[1]) / reach[1]) ** 2 <= 1).length;
  return [
    `Step ${step}, ${setting}: ` +
      (s ? `each gradient is off by about s = ${short(s)} in x and in y.` : "no gradient is off.") +
      (off ? ` ${off} of ${runs} runs are off the map.` : "") +
      ` Measured: mean f = ${scientific(measured[step])}` +
      (apart ? `, and ${((100 * within) / runs).toFixed(1)}\u00a0% in the ellipse.` : ", all runs at one point."),
    `Predicted: mean f = ${scientific(predicted[step])}` + (apart ? ", and 86.5\u00a0% in the ellipse." : "."),
  ];
}

// What becomes of f after very many steps.
function tellFloor(lr, s, curvature) {
  const steep = Math.max(...curvature);
  const letter = "xy"[curvature.indexOf(steep)];
  const speed = lr * steep;
  if (speed > 2 + 1e-9) {
    const text = `It diverges: ηλ = ${short(speed)} in ${letter} is above 2, so each step multiplies the ` +
      `distance by −${short(speed - 1)}. There is no floor.`;
    return { text, lost: true };
  }
  if (speed > 2 - 1e-9) {
    const text = `It never settles: ηλ = 2 in ${letter}, so the distance does not shrink` +
      (s ? " and the noise adds up without end." : ".") + " There is no floor.";
    return { text, lost: true };
  }
  if (!lr) return { text: "At lr 0 nothing ever moves.", lost: false };
  const floors = curvature.map((c) => (lr * s * s) / (2 * (2 - lr * c)));
  const text = s
    ? `Floor, after very many steps: f = ${scientific(floors[0] + floors[1])}, that is ` +
      `${scientific(floors[0])} from x and ${scientific(floors[1])} from y.`
    : "Without noise there is no floor: f tends to 0.";
  return { text, lost: false };
}
