// What the live pictures share: the map, its trails, the player and the knobs. live.py puts this in front.

const SVG = "http://www.w3.org/2000/svg";

function make(parent, tag, attributes = {}, text = "") {
  const svg = parent.namespaceURI === SVG || tag === "svg";
  const node = svg ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text) node.textContent = text;
  // Jupyter's own shortcuts would take the arrow keys from a slider and move to another cell.
  node.setAttribute("data-lm-suppress-shortcuts", "true");
  return parent.appendChild(node);
}

const copy = (value) => JSON.parse(JSON.stringify(value));
const short = (value) => String(+value.toPrecision(4));

// The float32 numbers that the kernel sent in one of its bytes.
const floats = (bytes) =>
  new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));

function nearest(values, value) {
  let best = 0;
  values.forEach((v, i) => {
    if (Math.abs(v - value) < Math.abs(values[best] - value)) best = i;
  });
  return best;
}

// Matplotlib's map, a group that is clipped to its axes, and the way from coordinates to pixels.
function makeMap(el, { frame, view, map }, id, role) {
  const [left, top, right, bottom, width, height] = frame;
  const [[x0, x1], [y0, y1]] = view;
  const svg = make(el, "svg", { viewBox: `0 0 ${width} ${height}`, role });
  make(svg, "image", { href: `data:image/png;base64,${map}`, width, height });
  const defs = make(svg, "defs");
  const axes = { x: left, y: top, width: right - left, height: bottom - top };
  make(make(defs, "clipPath", { id }), "rect", axes);
  const inside = make(svg, "g", { "clip-path": `url(#${id})` });
  const toX = (x) => left + ((x - x0) / (x1 - x0)) * (right - left);
  const toY = (y) => bottom - ((y - y0) / (y1 - y0)) * (bottom - top);
  const holds = (x, y) => x >= x0 && x <= x1 && y >= y0 && y <= y1;
  return { svg, defs, inside, toX, toY, holds };
}

const SHAPES = {
  o: "M-3,0a3,3 0 1,0 6,0a3,3 0 1,0 -6,0",
  s: "M-2.7,-2.7h5.4v5.4h-5.4z",
  D: "M0,-3.6L3.6,0L0,3.6L-3.6,0z",
  "^": "M0,-3.5L3.5,2.7H-3.5z",
  v: "M0,3.5L3.5,-2.7H-3.5z",
  P: "M-1.2,-3.4h2.4v2.2h2.2v2.4h-2.2v2.2h-2.4v-2.2h-2.2v-2.4h2.2z",
  X: "M-3.3,-2L-2,-3.3L0,-1.3L2,-3.3L3.3,-2L1.3,0L3.3,2L2,3.3L0,1.3L-2,3.3L-3.3,2L-1.3,0z",
  "<": "M-3.5,0L2.7,-3.5V3.5z",
  ">": "M3.5,0L-2.7,-3.5V3.5z",
  d: "M0,-4L2.3,0L0,4L-2.3,0z",
  "4,1,0": "M0,-4.2L1,-1L4.2,0L1,1L0,4.2L-1,1L-4.2,0L-1,-1z", // a star with four points
  "*": "M0,-4L1,-1.2L4,-1.2L1.6,.6L2.5,3.6L0,1.8L-2.5,3.6L-1.6,.6L-4,-1.2L-1,-1.2z",
};

// A marker is one of Matplotlib's, or the corners of a shape of our own, y upwards and within ±1.
function shapeOf(marker) {
  if (!Array.isArray(marker?.[0])) return SHAPES[marker];
  return `M${marker.map(([x, y]) => `${3.6 * x},${-3.6 * y}`).join("L")}z`;
}

// A path on a map: a line with its rule's marker at every step, and a larger one at its head.
function makeTrail({ inside, defs, toX, toY, holds }, { colour, marker, dashes }, id) {
  const dot = make(defs, "marker", {
    id, markerUnits: "userSpaceOnUse", overflow: "visible", markerWidth: 8, markerHeight: 8, fill: colour,
  });
  make(dot, "path", { d: shapeOf(marker) });
  const markers = ["start", "mid", "end"].map((where) => [`marker-${where}`, `url(#${id})`]);
  const line = make(inside, "polyline", {
    fill: "none", stroke: colour, "stroke-width": 1.4, "stroke-dasharray": dashes.join(" "),
    ...Object.fromEntries(markers),
  });
  const head = make(inside, "path", { d: shapeOf(marker), fill: colour, stroke: "#fff" });
  return {
    // Show x, y, f of the steps up to `at`; return the last one there is, and since when it has
    // been off the map, or −1.
    draw(points, at) {
      const shown = [];
      let off = -1;
      for (let k = 0; k <= at && !Number.isNaN(points[3 * k]); k++) {
        const [x, y] = [points[3 * k], points[3 * k + 1]];
        shown.push(`${toX(x).toFixed(1)},${toY(y).toFixed(1)}`);
        if (holds(x, y)) off = -1;
        else if (off < 0) off = k;
      }
      line.setAttribute("points", shown.join(" "));
      head.setAttribute("transform", `translate(${shown.at(-1) ?? "-99,-99"}) scale(1.7)`);
      return { last: Math.max(shown.length - 1, 0), off };
    },
  };
}

// Play, one step, scrub. `player.at` runs from 0 to `last`, one every `pause` ms; `show` draws it.
function makePlayer(el, last, pause, show) {
  const bar = make(el, "div", { class: "transport" });
  const play = make(bar, "button", { type: "button" }, "Play");
  const back = make(bar, "button", { type: "button", "aria-label": "one step back" }, "−1");
  const on = make(bar, "button", { type: "button", "aria-label": "one step on" }, "+1");
  const scrub = make(bar, "input", { type: "range", min: 0, max: last, "aria-label": "step shown" });
  const counter = make(bar, "span", { class: "counter" });
  const reset = make(bar, "button", { type: "button" }, "Reset");
  let timer = null;
  const player = {
    at: last,
    go(to) {
      player.at = Math.min(Math.max(to, 0), last);
      show();
    },
    stop() {
      clearInterval(timer);
      timer = null;
      play.textContent = "Play";
    },
    tell(text) {
      scrub.value = player.at;
      scrub.setAttribute("aria-valuetext", text);
      counter.textContent = text;
    },
    onReset(then) {
      reset.addEventListener("click", () => {
        player.stop();
        player.at = last;
        then();
      });
    },
  };
  play.addEventListener("click", () => {
    if (timer) return player.stop();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return player.go(last);
    play.textContent = "Pause";
    if (player.at >= last) player.go(0);
    timer = setInterval(() => (player.at < last ? player.go(player.at + 1) : player.stop()), pause);
  });
  back.addEventListener("click", () => player.go(player.at - 1));
  on.addEventListener("click", () => player.go(player.at + 1));
  scrub.addEventListener("input", () => player.go(+scrub.value));
  return player;
}

// A labelled row of the table of knobs, still without what it sets.
function makeRow(parent, id, text, colour) {
  const row = make(parent, "div", { class: "knob" });
  make(row, "label", { for: id }, text).style.borderColor = colour;
  return row;
}

// One row: a label, a slider over `values` with its marks, and a number to type; data-… for tests.
// slid(value) is called while it slides, typed(value) for a number; what is no number calls bad().
function makeKnob(parent, { label, colour, values, marks = [], data }, { slid, typed, bad }) {
  const id = `knob-${Math.random().toString(36).slice(2)}`;
  const row = makeRow(parent, id, label, colour);
  const track = make(row, "div", { class: "track" });
  const slider = make(track, "input", { type: "range", id, min: 0, max: values.length - 1 });
  for (const [key, value] of Object.entries(data)) slider.setAttribute(`data-${key}`, value);
  marks.forEach((mark, m) => {
    const tick = make(track, "span", { class: `mark row${m % 2}` }, mark.label);
    tick.title = `${mark.label} = ${short(mark.value)}`;
    tick.style.setProperty("--at", mark.at);
  });
  if (marks.length) track.classList.add(marks.length > 1 ? "two" : "one");
  const number = make(row, "input", { type: "number", step: "any", "aria-label": `${label}, typed` });
  slider.addEventListener("input", () => slid(values[+slider.value]));
  const commit = () => {
    if (number.value === "" || !isFinite(+number.value)) return bad();
    typed(+number.value);
  };
  number.addEventListener("change", commit);
  // Jupyter keeps the Enter key for itself, so that no change event would follow it.
  number.addEventListener("keydown", (event) => event.key === "Enter" && commit());
  return {
    slider,
    // Show a value; a number that is being typed is left alone.
    tell(value, typing = document.activeElement) {
      slider.value = nearest(values, value);
      slider.setAttribute("aria-valuetext", short(value));
      if (typing !== number) number.value = short(value);
    },
  };
}

// Where everything is here already, a typed number moves to the nearest position of its slider.
const snapping = (set, show) => ({
  slid(value) {
    set(value);
    show();
  },
  typed(value) {
    set(value);
    show(null);
  },
  bad: () => show(null),
});

// What the picture says in words: one line for each colour.
function makeReadout(el, colours) {
  const list = make(el, "ul", { class: "readout", "aria-live": "polite" });
  return colours.map((colour) => {
    const line = make(list, "li");
    line.style.borderColor = colour;
    return line;
  });
}

// Where a run stands that makeTrail has drawn up to its step `last`, and how it ends.
function tellRun(points, { last, off }, verdict) {
  const [x, y, f] = points.subarray(3 * last, 3 * last + 3);
  const now = `step ${last}: f = ${f.toExponential(3)} at (${x.toFixed(3)}, ${y.toFixed(3)})`;
  const gone = off < 0 ? "" : `, off the map since step ${off}`;
  return `${now}${gone}. In the end: ${verdict}.`;
}

// What an arrow key means, as [right, up], or undefined for any other key.
const arrow = (key) =>
  ({ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] })[key];

// Follow the kernel: `heard` takes an answer; a wish that it refuses is taken back by `restore`,
// and the typed number with it. Returns how to stop.
function follow(model, heard, restore, show) {
  const refused = () => {
    if (!model.get("problem")) return show();
    restore();
    show(null);
  };
  const arrays = Object.keys(model.get("answer").sizes);
  const pair = (name) => [name, model.get(name)];
  const latest = () => Object.fromEntries(["answer", ...arrays].map(pair));
  let kept = latest();
  const answered = () => {
    const { sizes } = model.get("answer");
    // A kernel that shuts down while it sends a large answer loses the bytes, and those of its next
    // message arrive in their place (pyzmq stops in the middle of it): the last answer stays.
    if (!arrays.every((name) => model.get(name).byteLength === sizes[name])) return model.set(kept);
    kept = latest();
    heard();
  };
  model.on("change:answer", answered);
  model.on("change:problem", refused);
  return () => {
    model.off("change:answer", answered);
    model.off("change:problem", refused);
  };
}
