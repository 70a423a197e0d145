// The live cloud: the dots that the kernel sent, and the ellipse predicted for them. See cloud.py.

const small = (value) => {
  const plain = value === 0 || (value >= 1e-3 && value < 1e4);
  return plain ? String(+value.toPrecision(3)) : value.toExponential(2);
};

function render({ model, el }) {
  const scene = model.get("scene");
  const dots = floats(model.get("dots"));
  const { rates, steps, runs, curvature, start, sigma, examples } = scene;
  const batches = [];
  for (let b = 1; b < examples; b *= 2) batches.push(b);
  batches.push(examples);
  const first = { rate: nearest(rates, scene.lr), batch: scene.batch };
  const now = { ...first };
  const id = `cloud-${Math.random().toString(36).slice(2)}`;

  el.classList.add("downhill-stage");

  // The map.
  const [left, top, right, bottom] = scene.frame;
  const [[x0, x1], [y0, y1]] = scene.view;
  const { svg, inside, toX, toY } = makeMap(el, scene, id, "img");
  const cloud = make(inside, "path", {
    stroke: scene.colour, "stroke-width": 3.4, "stroke-linecap": "round", "stroke-opacity": 0.6,
  });
  const ellipse = make(inside, "ellipse", { fill: "none", stroke: "#000", "stroke-width": 1.6 });

  const player = makePlayer(el, steps.length - 1, 450, () => show());
  player.onReset(() => {
    Object.assign(now, first);
    show();
  });

  const knobs = make(el, "div", { class: "knobs" });
  const addKnob = (label, knob, values, marks, set) =>
    makeKnob(knobs, { label, colour: scene.colour, values, marks, data: { knob } }, snapping(set, show));
  const at = nearest(rates, scene.limit) / (rates.length - 1);
  const marks = [{ label: "2/L", value: scene.limit, at }];
  const lr = addKnob("SGD lr", "lr", rates, marks, (value) => (now.rate = nearest(rates, value)));
  const batch = addKnob("batch size b", "batch", batches, [], (value) => {
    now.batch = Math.min(Math.max(Math.round(value), 1), examples);
  });

  const lines = makeReadout(el, [scene.colour, "#000", "#000"]);

  // The mean and the variance that the recursions predict for coordinate i after t steps.
  function predict(i, eta, s, t) {
    const factor = 1 - eta * curvature[i];
    const square = factor * factor;
    const sum = Math.abs(1 - square) < 1e-12 ? t : (1 - square ** t) / (1 - square);
    return { mean: factor ** t * start[i], variance: eta * eta * s * s * sum };
  }

  function show(typing = document.activeElement) {
    const eta = rates[now.rate];
    const t = steps[player.at];
    const wide = Math.sqrt((examples - now.batch) / (now.batch * (examples - 1)));
    const s = sigma * wide;
    const [px, py] = [0, 1].map((i) => predict(i, eta, s, t));
    const [rx, ry] = [px, py].map(({ variance }) => 2 * Math.sqrt(variance));

    const from = 2 * runs * (now.rate * steps.length + player.at);
    let path = "", lost = 0, off = 0, within = 0, sum = 0;
    for (let k = from; k < from + 2 * runs; k += 2) {
      const x = px.mean + wide * (dots[k] - px.mean);
      const y = py.mean + wide * (dots[k + 1] - py.mean);
      if (Number.isNaN(x + y)) {
        lost++;
        continue;
      }
      path += `M${toX(x).toFixed(1)},${toY(y).toFixed(1)}h.01`;
      if (x < x0 || x > x1 || y < y0 || y > y1) off++;
      if (((x - px.mean) / rx) ** 2 + ((y - py.mean) / ry) ** 2 <= 1) within++;
      sum += 0.5 * (curvature[0] * x * x + curvature[1] * y * y);
    }
    cloud.setAttribute("d", path);
    const drawn = rx < 100 * (x1 - x0) && ry < 100 * (y1 - y0);
    ellipse.setAttribute("cx", drawn ? toX(px.mean) : 0);
    ellipse.setAttribute("cy", drawn ? toY(py.mean) : 0);
    ellipse.setAttribute("rx", drawn ? (rx / (x1 - x0)) * (right - left) : 0);
    ellipse.setAttribute("ry", drawn ? (ry / (y1 - y0)) * (bottom - top) : 0);

    const settings = `lr ${short(eta)}, batch ${now.batch} of ${examples}`;
    lines[0].textContent =
      `Step ${t}, ${settings}: ` +
      (s ? `each gradient is off by about s = ${short(s)} in x and in y.` : "no gradient is off.") +
      (lost ? ` ${lost} of ${runs} runs have diverged.` : "") +
      (off ? ` ${off} of ${runs} runs are off the map.` : "");
    const share = s > 0 && t > 0 && !lost;
    const all = [px, py].map(({ mean, variance }) => mean * mean + variance);
    const height = 0.5 * (curvature[0] * all[0] + curvature[1] * all[1]);
    lines[1].textContent = lost
      ? "Mean f: there is none, with diverged runs among them."
      : `Mean f of ${runs} runs: measured ${small(sum / runs)}, predicted ${small(height)}.` +
        (share
          ? ` In the ellipse: measured ${((100 * within) / runs).toFixed(1)} %, predicted 86.5 %.`
          : " All runs are at one point.");
    const steep = Math.max(...curvature);
    const letter = "xy"[curvature.indexOf(steep)];
    const speed = eta * steep;
    const floors = curvature.map((c) => (eta * s * s) / (2 * (2 - eta * c)));
    const lostForGood = speed > 2 - 1e-9;
    lines[2].classList.toggle("lost", lostForGood);
    if (speed > 2 + 1e-9) {
      lines[2].textContent =
        `It diverges: ηλ = ${short(speed)} in ${letter} is above 2, so each step multiplies the ` +
        `distance by −${short(speed - 1)}. There is no floor.`;
    } else if (lostForGood) {
      lines[2].textContent =
        `It never settles: ηλ = 2 in ${letter}, so the distance does not shrink and the noise ` +
        "adds up without end. There is no floor.";
    } else {
      lines[2].textContent =
        `Predicted floor, after very many steps: f = ${small(floors[0] + floors[1])}, that is ` +
        `${small(floors[0])} from x and ${small(floors[1])} from y.`;
    }

    lr.tell(eta, typing);
    batch.tell(now.batch, typing);
    player.tell(`step ${t} of ${steps.at(-1)}`);
    svg.setAttribute(
      "aria-label",
      `Map of the ${scene.name} with ${runs} runs of SGD as dots and the predicted ellipse; ${settings}, step ${t}`,
    );
  }

  show();
  return player.stop;
}

export default { render };
