// The live cloud: the dots that the kernel sent, and the ellipse predicted for them. See cloud.py.

const SVG = "http://www.w3.org/2000/svg";

function make(parent, tag, attributes = {}, text = "") {
  const svg = parent.namespaceURI === SVG || tag === "svg";
  const node = svg ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  // JupyterLab keeps arrow keys from a focused control that does not ask for them itself.
  if (tag === "input" || tag === "button") node.setAttribute("data-lm-suppress-shortcuts", "true");
  if (text) node.textContent = text;
  return parent.appendChild(node);
}

const short = (value) => String(+value.toPrecision(4));
const small = (value) => {
  const plain = value === 0 || (value >= 1e-3 && value < 1e4);
  return plain ? String(+value.toPrecision(3)) : value.toExponential(2);
};

function nearest(values, value) {
  let best = 0;
  values.forEach((v, i) => {
    if (Math.abs(v - value) < Math.abs(values[best] - value)) best = i;
  });
  return best;
}

function render({ model, el }) {
  const scene = model.get("scene");
  const bytes = model.get("dots");
  const dots = new Float32Array(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
  );
  const { rates, steps, runs, curvature, start, sigma, examples } = scene;
  const batches = [];
  for (let b = 1; b < examples; b *= 2) batches.push(b);
  batches.push(examples);
  const first = { rate: nearest(rates, scene.lr), batch: scene.batch, at: steps.length - 1 };
  const now = { ...first };
  const id = `cloud-${Math.random().toString(36).slice(2)}`;
  let timer = null;

  el.classList.add("downhill-stage");

  // The map.
  const [left, top, right, bottom, width, height] = scene.frame;
  const [[x0, x1], [y0, y1]] = scene.view;
  const toX = (x) => left + ((x - x0) / (x1 - x0)) * (right - left);
  const toY = (y) => bottom - ((y - y0) / (y1 - y0)) * (bottom - top);
  const svg = make(el, "svg", { viewBox: `0 0 ${width} ${height}`, role: "img" });
  make(svg, "image", { href: `data:image/png;base64,${scene.map}`, width, height });
  const frame = make(make(svg, "defs"), "clipPath", { id });
  make(frame, "rect", { x: left, y: top, width: right - left, height: bottom - top });
  const inside = make(svg, "g", { "clip-path": `url(#${id})` });
  const cloud = make(inside, "path", {
    stroke: scene.colour, "stroke-width": 3.4, "stroke-linecap": "round", "stroke-opacity": 0.6,
  });
  const ellipse = make(inside, "ellipse", { fill: "none", stroke: "#000", "stroke-width": 1.6 });

  // Play, step, scrub.
  const transport = make(el, "div", { class: "transport" });
  const play = make(transport, "button", { type: "button" }, "Play");
  const back = make(transport, "button", { type: "button", "aria-label": "earlier" }, "−");
  const on = make(transport, "button", { type: "button", "aria-label": "later" }, "+");
  const scrub = make(transport, "input", {
    type: "range", min: 0, max: steps.length - 1, "aria-label": "step shown",
  });
  const counter = make(transport, "span", { class: "counter" });
  const reset = make(transport, "button", { type: "button" }, "Reset");

  // The two knobs: a slider and a typed number each.
  const knobs = make(el, "div", { class: "knobs" });
  function knob(text, values, name, set) {
    const row = make(knobs, "div", { class: "knob" });
    const label = make(row, "label", { for: `${id}-${name}` }, text);
    label.style.borderColor = scene.colour;
    const track = make(row, "div", { class: "track" });
    const slider = make(track, "input", {
      type: "range", id: `${id}-${name}`, min: 0, max: values.length - 1, "data-knob": name,
    });
    const number = make(row, "input", {
      type: "number", step: "any", "aria-label": `${text}, typed`,
    });
    slider.addEventListener("input", () => {
      set(values[+slider.value]);
      show();
    });
    const typed = () => {
      if (number.value !== "" && isFinite(+number.value)) set(+number.value);
      show();
      number.value = slider.getAttribute("aria-valuetext");
    };
    number.addEventListener("change", typed);
    // Jupyter keeps the Enter key for itself, so that no change event would follow it.
    number.addEventListener("keydown", (event) => event.key === "Enter" && typed());
    return {
      track,
      tell(value) {
        slider.value = nearest(values, value);
        slider.setAttribute("aria-valuetext", short(value));
        if (document.activeElement !== number) number.value = short(value);
      },
    };
  }
  const lr = knob("SGD lr", rates, "lr", (value) => (now.rate = nearest(rates, value)));
  const batch = knob("batch size b", batches, "batch", (value) => {
    now.batch = Math.min(Math.max(Math.round(value), 1), examples);
  });
  const mark = make(lr.track, "span", { class: "mark row0" }, "2/L");
  mark.title = `2/L = ${short(scene.limit)}`;
  mark.style.setProperty("--at", nearest(rates, scene.limit) / (rates.length - 1));
  lr.track.classList.add("one");

  const readout = make(el, "ul", { class: "readout", "aria-live": "polite" });
  const lines = [0, 1, 2].map((k) => {
    const line = make(readout, "li");
    line.style.borderColor = k ? "#000" : scene.colour;
    return line;
  });

  // The mean and the variance that the recursions predict for coordinate i after t steps.
  function predict(i, eta, s, t) {
    const factor = 1 - eta * curvature[i];
    const square = factor * factor;
    const sum = Math.abs(1 - square) < 1e-12 ? t : (1 - square ** t) / (1 - square);
    return { mean: factor ** t * start[i], variance: eta * eta * s * s * sum };
  }

  function show() {
    const eta = rates[now.rate];
    const t = steps[now.at];
    const wide = Math.sqrt((examples - now.batch) / (now.batch * (examples - 1)));
    const s = sigma * wide;
    const [px, py] = [0, 1].map((i) => predict(i, eta, s, t));
    const [rx, ry] = [px, py].map(({ variance }) => 2 * Math.sqrt(variance));

    const from = 2 * runs * (now.rate * steps.length + now.at);
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

    lr.tell(eta);
    batch.tell(now.batch);
    scrub.value = now.at;
    scrub.setAttribute("aria-valuetext", `step ${t}`);
    counter.textContent = `step ${t} of ${steps.at(-1)}`;
    svg.setAttribute(
      "aria-label",
      `Map of the ${scene.name} with ${runs} runs of SGD as dots and the predicted ellipse; ${settings}, step ${t}`,
    );
  }

  function go(to) {
    now.at = Math.min(Math.max(to, 0), steps.length - 1);
    show();
  }
  function stop() {
    clearInterval(timer);
    timer = null;
    play.textContent = "Play";
  }
  play.addEventListener("click", () => {
    if (timer) return stop();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return go(steps.length - 1);
    play.textContent = "Pause";
    if (now.at >= steps.length - 1) go(0);
    timer = setInterval(() => (now.at < steps.length - 1 ? go(now.at + 1) : stop()), 450);
  });
  back.addEventListener("click", () => go(now.at - 1));
  on.addEventListener("click", () => go(now.at + 1));
  scrub.addEventListener("input", () => go(+scrub.value));
  reset.addEventListener("click", () => {
    stop();
    Object.assign(now, first);
    show();
  });
  show();
  return stop;
}

export default { render };
