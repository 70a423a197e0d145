// The live schedules: the learning rate above, the mean loss below. See schedule_stage.py.

function render({ model, el }) {
  const scene = model.get("scene");
  const losses = floats(model.get("losses"));
  const { steps, peaks, warmups, shapes, shares, first } = scene;
  const opening = {
    shape: shapes.indexOf(first.shape),
    warmup: nearest(warmups, first.warmup),
    peak: nearest(peaks, first.peak),
  };
  const now = { ...opening };
  const id = `schedule-${Math.random().toString(36).slice(2)}`;

  el.classList.add("downhill-stage");

  const [, , , , width, height] = scene.frames[0];
  const svg = make(el, "svg", { viewBox: `0 0 ${width} ${height}`, role: "img" });
  make(svg, "image", { href: `data:image/png;base64,${scene.map}`, width, height });
  const defs = make(svg, "defs");
  const panels = scene.frames.map(([left, top, right, bottom], k) => {
    const [[x0, x1], [y0, y1]] = scene.views[k];
    const box = { x: left, y: top, width: right - left, height: bottom - top };
    make(make(defs, "clipPath", { id: `${id}-${k}` }), "rect", box);
    const inside = make(svg, "g", { "clip-path": `url(#${id}-${k})` });
    const line = make(inside, "polyline", {
      fill: "none", stroke: scene.colour, "stroke-width": 1.8,
    });
    const head = make(inside, "circle", { r: 4, fill: scene.colour, stroke: "#fff" });
    const scale = k ? Math.log10 : (value) => value;
    const toX = (x) => left + ((x - x0) / (x1 - x0)) * (right - left);
    const toY = (y) =>
      bottom - ((scale(y) - scale(y0)) / (scale(y1) - scale(y0))) * (bottom - top);
    return { line, head, toX, toY };
  });

  const player = makePlayer(el, steps, 40, () => show());
  player.onReset(() => {
    Object.assign(now, opening);
    show();
  });

  const knobs = make(el, "div", { class: "knobs" });
  const addKnob = (label, knob, values, marks, set) =>
    makeKnob(knobs, { label, colour: scene.colour, values, marks, data: { knob } }, snapping(set, show));
  // Where a value that may lie between two positions stands on the slider, from 0 to 1.
  function place(value) {
    const above = peaks.findIndex((peak) => peak >= value);
    if (above < 0) return 1;
    if (above === 0) return 0;
    const [low, high] = [peaks[above - 1], peaks[above]];
    return (above - 1 + Math.log(value / low) / Math.log(high / low)) / (peaks.length - 1);
  }
  const marks = Object.entries(scene.marks).map(([label, value]) => ({
    label, value, at: place(value),
  }));
  const peak = addKnob("peak lr", "peak", peaks, marks, (v) => (now.peak = nearest(peaks, v)));
  const warmup = addKnob("warm-up steps", "warmup", warmups, [], (v) => {
    now.warmup = nearest(warmups, v);
  });
  const row = makeRow(knobs, `${id}-shape`, "then", scene.colour);
  const shape = make(row, "select", { id: `${id}-shape`, "data-knob": "shape" });
  shapes.forEach((name, k) => make(shape, "option", { value: k }, name));
  shape.addEventListener("change", () => {
    now.shape = +shape.value;
    show();
  });

  const lines = makeReadout(el, [scene.colour, "#000"]);

  function show(typing = document.activeElement) {
    const lr = peaks[now.peak];
    const share = shares[now.shape][now.warmup];
    const row = (now.shape * warmups.length + now.warmup) * peaks.length + now.peak;
    const curve = losses.subarray(row * (steps + 1), (row + 1) * (steps + 1));
    const at = player.at;

    const rates = [], heights = [];
    let lost = -1;
    for (let t = 0; t <= at; t++) {
      if (Number.isNaN(curve[t])) {
        lost = t;
        break;
      }
      heights.push(`${panels[1].toX(t).toFixed(1)},${panels[1].toY(curve[t]).toFixed(1)}`);
    }
    for (let t = 1; t <= at; t++) {
      rates.push(`${panels[0].toX(t).toFixed(1)},${panels[0].toY(lr * share[t - 1]).toFixed(1)}`);
    }
    [rates, heights].forEach((points, k) => {
      panels[k].line.setAttribute("points", points.join(" "));
      panels[k].head.setAttribute("transform", `translate(${points.at(-1) ?? "-99,-99"})`);
    });

    const used = share.slice(0, at).reduce((sum, part) => sum + lr * part, 0);
    const setting = `peak ${short(lr)}, warm-up ${warmups[now.warmup]}, then ${shapes[now.shape]}`;
    lines[0].textContent =
      `Step ${at}, ${setting}: learning rate ${at ? short(lr * share[at - 1]) : "not yet used"}, ` +
      `sum so far ${short(used)}.`;
    lines[1].classList.toggle("lost", lost >= 0);
    lines[1].textContent =
      lost >= 0
        ? `Runs diverge from step ${lost} on, so there is no mean f.`
        : `Mean f of ${scene.runs} runs: ${curve[at].toPrecision(3)}.`;

    peak.tell(lr, typing);
    warmup.tell(warmups[now.warmup], typing);
    shape.value = now.shape;
    player.tell(`step ${at} of ${steps}`);
    svg.setAttribute("aria-label", `Learning rate and mean f of ${scene.told}; ${setting}, step ${at}`);
  }

  show();
  return player.stop;
}

export default { render };
