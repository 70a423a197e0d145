/* global make, short, decimals, decode */
/* exported makeAxes, makeMap, makeHover, makePick, arrow */
// Axes that are as wide as their place, with text of one size at any width; maps; picking a point.

// From values to pixels and back, linear or logarithmic.
function makeScale([low, high], [from, to], log) {
  const grade = log ? Math.log10 : (value) => value;
  const [a, b] = [grade(low), grade(high)];
  return {
    at: (value) => from + ((grade(value) - a) / (b - a)) * (to - from),
    value(pixel) {
      const graded = a + ((pixel - from) / (to - from)) * (b - a);
      return log ? 10 ** graded : graded;
    },
    ticks: () => {
      if (!log) return steps(low, high, Math.abs(to - from) / 44);
      return decades(low, high, 1 + Math.abs(to - from) / (from < to ? 44 : 26)); // words are wider than high
    },
  };
}

// About `most` round values from low to high, each with its text.
function steps(low, high, most) {
  const least = (high - low) / Math.max(most, 1);
  const power = 10 ** Math.floor(Math.log10(least));
  const size = [1, 2, 5, 10].map((digit) => digit * power).find((step) => step >= least * 0.999);
  const digits = Math.max(0, -Math.floor(Math.log10(size) + 1e-9));
  const found = [];
  for (let k = Math.ceil(low / size - 1e-9); k * size <= high + 1e-9 * size; k++) {
    found.push({ value: k * size, text: (k * size).toFixed(digits).replace("-", "−") });
  }
  return found;
}

function decades(low, high, most) {
  const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  const every = Math.ceil((last - first + 1) / Math.max(most, 1));
  const digits = last - first < 2 ? [1, 2, 5] : [1];
  const found = [];
  for (let power = Math.floor(Math.log10(low)); power <= last; power++) {
    if (power % every) continue;
    for (const digit of digits) {
      const value = digit * 10 ** power;
      const text = Math.abs(power) > 3 ? `${digit}e${power}` : String(+value.toPrecision(1));
      if (value >= low * 0.999 && value <= high * 1.001) found.push({ value, text: text.replace("-", "−") });
    }
  }
  return found;
}

// Axes in a place. x, y: [low, high] of each; log: which are logarithmic; labels: what they show.
// equal: one scale for both, and no higher than `height`; else `height` is theirs. grid: lines.
// aside: how much room there is on the right, for words.
// What is drawn goes into `inside`, which is clipped, or into `front`, which is not; after `fit`
// or `set` everything has to be drawn again.
function makeAxes(parent, { x, y, log = [false, false], labels, height, equal = false, grid = false, aside = 12, role = "img" }) {
  const id = `downhill-${Math.random().toString(36).slice(2)}`; // of its clip path and markers in the page
  const svg = make(parent, "svg", { role });
  const defs = make(svg, "defs");
  const clip = make(make(defs, "clipPath", { id }), "rect");
  const ground = make(svg, "g", { class: "ground", "clip-path": `url(#${id})` });
  const rules = make(svg, "g", { class: "ticks" });
  const inside = make(svg, "g", { "clip-path": `url(#${id})` });
  const border = make(svg, "rect", { class: "border", fill: "none" });
  const front = make(svg, "g");
  const axes = { id, svg, defs, ground, inside, front, box: null, view: [x, y] };
  let [X, Y] = [];
  axes.toX = (value) => X.at(value);
  axes.toY = (value) => Y.at(value);
  axes.holds = (a, b) =>
    a >= axes.view[0][0] && a <= axes.view[0][1] && b >= axes.view[1][0] && b <= axes.view[1][1];
  axes.set = (view) => {
    axes.view = view;
    axes.fit();
  };
  axes.fit = () => {
    const [left, right, top, bottom] = [labels[1] ? 60 : 34, aside, 8, labels[0] ? 34 : 20];
    let wide = Math.max((parent.clientWidth || 540) - left - right, 60);
    let high = height - top - bottom;
    if (equal) {
      const ratio = (axes.view[1][1] - axes.view[1][0]) / (axes.view[0][1] - axes.view[0][0]);
      [wide, high] = wide * ratio > high ? [high / ratio, high] : [wide, wide * ratio];
    }
    const box = (axes.box = { left, top, right: left + wide, bottom: top + high, wide, high });
    const size = { width: left + wide + right, height: top + high + bottom };
    svg.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
    svg.style.maxWidth = `${size.width}px`;
    X = makeScale(axes.view[0], [box.left, box.right], log[0]);
    Y = makeScale(axes.view[1], [box.bottom, box.top], log[1]);
    for (const rect of [clip, border]) {
      Object.entries({ x: left, y: top, width: wide, height: high }).forEach(([k, v]) => rect.setAttribute(k, v));
    }
    drawTicks(rules, { X, Y }, box, labels, grid);
  };
  // Where a pointer is, in the axes' coordinates.
  axes.place = (event) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return [X.value(at.x), Y.value(at.y)];
  };
  axes.fit();
  return axes;
}

function drawTicks(rules, { X, Y }, { left, right, top, bottom }, [labelX, labelY], grid) {
  rules.replaceChildren();
  for (const { value, text } of X.ticks()) {
    const at = X.at(value);
    make(rules, "path", { d: `M${at},${bottom}${grid ? `V${top}` : "v4"}`, class: grid ? "grid" : "" });
    make(rules, "text", { x: at, y: bottom + 15, "text-anchor": "middle" }, text);
  }
  for (const { value, text } of Y.ticks()) {
    const at = Y.at(value);
    make(rules, "path", { d: `M${left},${at}${grid ? `H${right}` : "h-4"}`, class: grid ? "grid" : "" });
    make(rules, "text", { x: left - 6, y: at + 4, "text-anchor": "end" }, text);
  }
  if (labelX) make(rules, "text", { x: (left + right) / 2, y: bottom + 29, "text-anchor": "middle" }, labelX);
  const middle = (top + bottom) / 2;
  const upright = { x: 11, y: middle, "text-anchor": "middle", transform: `rotate(-90 11 ${middle})` };
  if (labelY) make(rules, "text", upright, labelY);
}

// A landscape's map: axes over the image that the kernel drew, which may turn; see scene.map_scene.
function makeMap(parent, height) {
  let map = null, grid = null, degrees = 0;
  const axes = makeAxes(parent, { x: [0, 1], y: [0, 1], labels: ["x", "y"], height, equal: true, role: "group" });
  const image = make(axes.ground, "image", { preserveAspectRatio: "none" });
  const fit = axes.fit;
  axes.fit = () => {
    fit();
    if (!map) return;
    const [[x0, x1], [y0, y1]] = map.extent;
    const [left, top] = [axes.toX(x0), axes.toY(y1)];
    const sides = { x: left, y: top, width: axes.toX(x1) - left, height: axes.toY(y0) - top };
    Object.entries(sides).forEach(([key, value]) => image.setAttribute(key, value));
    image.setAttribute("transform", `rotate(${-degrees} ${axes.toX(0)} ${axes.toY(0)})`);
  };
  axes.show = (next, turn = 0) => {
    if (map === next && degrees === turn) return;
    if (map !== next) {
      grid = decode(next.grid);
      image.setAttribute("href", `data:image/png;base64,${next.image}`);
    }
    [map, degrees] = [next, turn];
    axes.set(map.view);
  };
  makeHover(axes, (point) => {
    const value = fAt(map, grid, turned(point, -degrees));
    return Number.isFinite(value) ? `f ≈ ${short(+value.toPrecision(2))} at (${point.map((v) => decimals(v, 2)).join(",\u00a0")})` : "";
  });
  return axes;
}

// What there is to tell of the place where the pointer is, in the lower right corner of the axes, on
// a ground of its own, or a line behind it would be read as a part of a letter; in several lines
// where the axes are narrow.
function makeHover(axes, tell) {
  const ground = make(axes.front, "rect", { class: "behind", style: "display: none" });
  const text = make(axes.front, "text", { class: "hover", "text-anchor": "end" });
  const write = (words) => {
    const lines = broken(words, text, axes.box.wide - 12);
    text.replaceChildren();
    lines.forEach((line, k) => {
      const y = axes.box.bottom - 5 - 15 * (lines.length - 1 - k);
      make(text, "tspan", { x: axes.box.right - 6, y }, line);
    });
    ground.style.display = words ? "" : "none";
    const { x, y, width, height } = text.getBBox();
    const sides = { x: x - 2, y, width: width + 4, height };
    Object.entries(sides).forEach(([key, side]) => ground.setAttribute(key, side));
  };
  axes.svg.addEventListener("pointermove", (event) => {
    const point = axes.place(event);
    write(axes.holds(...point) ? tell(point) : "");
  });
  axes.svg.addEventListener("pointerleave", () => write(""));
}

// Words in lines of at most so many pixels each, measured in a node of SVG text. They part at spaces,
// but for those that join what belongs together.
function broken(words, text, wide) {
  const fits = (line) => {
    text.textContent = line;
    return text.getComputedTextLength() <= wide;
  };
  if (!words || fits(words)) return words ? [words] : [];
  const lines = [];
  for (const word of words.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length && fits(longer)) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

// A point turned counter-clockwise about the origin.
function turned([x, y], degrees) {
  const [cos, sin] = [Math.cos, Math.sin].map((f) => f((degrees * Math.PI) / 180));
  return [cos * x - sin * y, sin * x + cos * y];
}

// f at a point of a map, from its grid, by a cubic in each direction: exact where f is quadratic.
function fAt({ extent, cells }, grid, point) {
  const [u, v] = [0, 1].map((i) => {
    const [low, high] = extent[i];
    return Math.min(Math.max(((point[i] - low) / (high - low)) * cells[i], 0), cells[i]);
  });
  const [i, j] = [Math.min(Math.floor(u), cells[0] - 1), Math.min(Math.floor(v), cells[1] - 1)];
  const row = (k) => cubic([0, 1, 2, 3].map((n) => grid[(j + k) * (cells[0] + 3) + i + n]), u - i);
  return cubic([0, 1, 2, 3].map(row), v - j);
}

// Between the middle two of four values, a share t of the way (Catmull and Rom).
const cubic = ([a, b, c, d], t) =>
  b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));

// What an arrow key means, as [right, up], or undefined for any other key.
const arrow = (key) =>
  ({ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] })[key];

// Let a reader pick a point of the axes: drag the grip, click elsewhere, or use the grip's arrow keys.
// drag: whether a drag may begin anywhere. moved([x, y], done); stepped([right, up], fast).
function makePick(axes, grip, { drag = false, moved, stepped }) {
  const { svg } = axes;
  const held = drag ? svg : grip;
  let pointer = null;
  const within = (event) => {
    const point = axes.place(event);
    return point.map((value, i) => Math.min(Math.max(value, axes.view[i][0]), axes.view[i][1]));
  };
  held.classList.add("held");
  held.addEventListener("pointerdown", (event) => {
    if (event.button || !event.isPrimary) return;
    pointer = event.pointerId;
    held.setPointerCapture(pointer);
    event.preventDefault();
    grip.focus();
    if (drag) moved(within(event), false);
  });
  held.addEventListener("pointermove", (event) => event.pointerId === pointer && moved(within(event), false));
  const end = (event) => {
    if (event.pointerId !== pointer) return;
    pointer = null;
    moved(null, true);
  };
  held.addEventListener("pointerup", end);
  held.addEventListener("pointercancel", end);
  svg.addEventListener("click", (event) => {
    if (drag || grip.contains(event.target) || !axes.holds(...axes.place(event))) return;
    grip.focus({ preventScroll: true });
    moved(within(event), true);
  });
  grip.addEventListener("keydown", (event) => {
    const move = arrow(event.key);
    if (!move) return;
    event.preventDefault();
    stepped(move, event.shiftKey);
  });
}
