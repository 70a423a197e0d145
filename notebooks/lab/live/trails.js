/* global make, makeAxes, makeHover, scientific, fixed */
/* exported makeMarker, makeTrail, makeCurves, makePaths, column, tellRun, lastStep */
// Paths on a map, the curves that belong to them, and how to tell where a run stands.

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

// A large marker: edged in white, or white inside for a rule's second path.
const headOf = ({ marker, colour, face }) =>
  ({ d: shapeOf(marker), fill: face, stroke: face === colour ? "#fff" : colour });

// The piece of line with a marker that stands for a path in a row of text.
function makeMarker(parent, look) {
  const { colour, dashes } = look;
  const svg = make(parent, "svg", { viewBox: "-11 -7 22 14", width: 22, height: 14, class: "legend", "aria-hidden": "true" });
  make(svg, "path", { d: "M-11,0H11", stroke: colour, "stroke-width": 1.4, "stroke-dasharray": dashes.join(" ") });
  make(svg, "path", { ...headOf(look), transform: "scale(1.5)" });
  return svg;
}

// The last step of a run that there is: where it diverges its points end.
function lastStep({ points }, columns) {
  let last = points.length / columns - 1;
  while (last > 0 && Number.isNaN(points[columns * last])) last--;
  return last;
}

const polyline = (inside, look, more) =>
  make(inside, "polyline", { fill: "none", stroke: look.colour, "stroke-dasharray": look.dashes.join(" "), ...more });

// A path on a map: a line with its rule's marker at every step, a larger one at its head, and the
// faint path of the last setting behind it.
function makeTrail({ id: page, inside, defs, toX, toY, holds }, look, columns) {
  const { colour, face, marker } = look;
  const id = `${page}-${defs.childElementCount}`;
  const size = { markerUnits: "userSpaceOnUse", overflow: "visible", markerWidth: 8, markerHeight: 8 };
  make(make(defs, "marker", { id, fill: face, stroke: face === colour ? "none" : colour, ...size }), "path", { d: shapeOf(marker) });
  const ghost = polyline(inside, look, { "stroke-width": 1.4, "stroke-opacity": 0.35, class: "faint" });
  const group = make(inside, "g", { class: "trail" });
  const markers = ["start", "mid", "end"].map((where) => [`marker-${where}`, `url(#${id})`]);
  const line = polyline(group, look, { "stroke-width": 1.4, ...Object.fromEntries(markers) });
  const head = make(group, "path", headOf(look));
  const along = (points, to) => {
    const shown = [];
    for (let k = 0; k <= to && points[columns * k] <= Infinity; k++) { // it ends where it diverges
      shown.push(`${toX(points[columns * k]).toFixed(1)},${toY(points[columns * k + 1]).toFixed(1)}`);
    }
    return shown;
  };
  return {
    group,
    // Show the steps up to `at`; return the last one there is, and since when it has been off the
    // map, or −1.
    draw({ points }, at, before) {
      const shown = along(points, at);
      line.setAttribute("points", shown.join(" "));
      head.setAttribute("transform", `translate(${shown.at(-1)}) scale(1.7)`);
      ghost.setAttribute("points", before ? along(before.points, Infinity).join(" ") : "");
      const last = shown.length - 1;
      let off = last + 1;
      while (off > 0 && !holds(points[columns * (off - 1)], points[columns * (off - 1) + 1])) off--;
      return { last, off: off > last ? -1 : off };
    },
    hide() {
      group.style.display = ghost.style.display = "none";
    },
    show() {
      group.style.display = ghost.style.display = "";
    },
  };
}

// Curves against the step on a logarithmic axis of whole decades: the whole of each faintly, up to
// the step shown in full, a line at that step, and the last setting's faintest. A pointer that hovers
// is told the nearest. also: values that are always in view; names: of the curves.
function makeCurves(parent, looks, { last, label, height = 118, also = [], names = looks.map(({ rule }) => rule) }) {
  const axes = makeAxes(parent, {
    x: [0, last], y: [0.1, 10], log: [false, true], labels: ["step", label], height, grid: true,
  });
  const { inside, toX, toY } = axes;
  const cursor = make(inside, "path", { class: "cursor" });
  const lines = looks.map((look) => ({
    ghost: polyline(inside, look, { "stroke-width": 1.2, "stroke-opacity": 0.35, class: "faint" }),
    whole: polyline(inside, look, { "stroke-width": 1.3, "stroke-opacity": 0.4 }),
    line: polyline(inside, look, { "stroke-width": 1.8 }),
    head: make(axes.front, "path", headOf(look)),
  }));
  // Where a value lies: on the floor if it is 0 or below, on the ceiling if it is infinite.
  function placed(value) {
    const [low, high] = axes.view[1];
    return toY(value === Infinity ? high : value > 0 ? value : low);
  }
  // One text of points; a value that is none is left out.
  function along(curve, to) {
    const shown = [];
    for (let k = 0; k < curve.length && k <= to; k++) {
      if (!Number.isNaN(curve[k])) shown.push(`${toX(k).toFixed(1)},${placed(curve[k]).toFixed(1)}`);
    }
    return shown;
  }
  let drawn = [];
  makeHover(axes, ([x, y]) => {
    const at = Math.round(x);
    const far = (r) => Math.abs(placed(drawn[r][at]) - toY(y));
    const known = [...drawn.keys()].filter((r) => drawn[r]?.[at] <= Infinity);
    if (!known.length) return `step ${at}: none`;
    const r = known.reduce((best, other) => (far(other) < far(best) ? other : best));
    return `${names[r]}, step ${at}: ${scientific(drawn[r][at])}`;
  });
  axes.draw = (curves, before, at) => {
    drawn = curves;
    const sound = curves.flatMap((curve) => [...(curve ?? [])]).filter((v) => v > 0 && v < Infinity).concat(also);
    const powers = sound.length ? [Math.min(...sound), Math.max(...sound)].map(Math.log10) : [-1, 0];
    const view = [10 ** Math.floor(powers[0]), 10 ** Math.max(Math.ceil(powers[1]), Math.floor(powers[0]) + 1)];
    if (view[0] !== axes.view[1][0] || view[1] !== axes.view[1][1]) axes.set([axes.view[0], view]);
    cursor.setAttribute("d", `M${toX(at)},${axes.box.top}V${axes.box.bottom}`);
    lines.forEach(({ ghost, whole, line, head }, r) => {
      const shown = along(curves[r] ?? [], at);
      ghost.setAttribute("points", along(before[r] ?? [], Infinity).join(" "));
      whole.setAttribute("points", along(curves[r] ?? [], Infinity).join(" "));
      line.setAttribute("points", shown.join(" "));
      head.setAttribute("transform", `translate(${shown.at(-1) ?? "-99,-99"}) scale(1.5)`);
    });
  };
  return axes;
}

// At a path's head: a thin arrow downhill, whose length says nothing, and the last step, to scale.
function makeArrows({ inside, toX, toY }, { colour }, columns) {
  const [down, step] = [1.2, 3].map((width) =>
    make(inside, "path", { fill: "none", stroke: colour, "stroke-width": width, class: "arrow" }));
  const tip = ([x0, y0], [x1, y1]) => {
    const angle = Math.atan2(y1 - y0, x1 - x0);
    const barb = (turn) => `${x1 - 7 * Math.cos(angle + turn)},${y1 - 7 * Math.sin(angle + turn)}`;
    return `M${x0},${y0}L${x1},${y1}M${barb(0.45)}L${x1},${y1}L${barb(-0.45)}`;
  };
  return {
    draw({ points }, at) {
      const pixel = (k) => [toX(points[columns * k]), toY(points[columns * k + 1])];
      const [here, angle] = [pixel(at), points[columns * at + 3]];
      const there = [here[0] + 36 * Math.cos(angle), here[1] - 36 * Math.sin(angle)];
      down.setAttribute("d", Number.isNaN(angle) ? "" : tip(here, there));
      step.setAttribute("d", at ? tip(pixel(at - 1), here) : "");
    },
    hide() {
      down.setAttribute("d", "");
      step.setAttribute("d", "");
    },
  };
}

// The paths of all rules and, where wanted (draw.arrows), arrows at their heads. comparable(): whether
// what was drawn before lies on the same ground. Returns draw(rules shown) → what
// `tellRun` has to know of each.
function makePaths(view, axes, player, comparable = () => true) {
  const { rules, columns } = view.scene;
  const trails = rules.map((rule) => makeTrail(axes, rule, columns));
  const arrows = rules.map((rule) => makeArrows(axes, rule, columns));
  const draw = (shown = rules.map((_, r) => r)) => rules.map((_, r) => {
    arrows[r].hide();
    if (!shown.includes(r)) return trails[r].hide();
    trails[r].show();
    const result = view.results[r];
    const before = comparable() ? view.before?.results[r] : null;
    const drawn = trails[r].draw(result, player.at, before === result ? null : before);
    if (draw.arrows && drawn.off < 0) arrows[r].draw(result, drawn.last);
    return drawn;
  });
  return draw;
}

// One column of a run, as a curve; f is the third.
function column({ points }, number, columns) {
  return Float32Array.from({ length: points.length / columns }, (_, k) => points[columns * k + number]);
}

// Where a run stands at the step that its trail shows, and how it ends if that is another.
function tellRun({ points, verdict }, { last, off }, columns) {
  const [x, y, f] = points.subarray(columns * last, columns * last + 3);
  const now = `step ${last}: f = ${scientific(f)} at (${fixed(x)}, ${fixed(y)})`;
  const gone = off < 0 ? "" : `, off the map since step ${off}`;
  const steps = points.length / columns - 1;
  const over = last === steps && /^f = /.test(verdict);
  return `${now}${gone}. ${over ? "" : `In the end: ${verdict}.`}`.trim();
}
