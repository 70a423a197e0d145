/* global scientific, copy, same */
/* exported makeProgram, descend, turnedMap, knobsFor */
// What a picture computes by itself, so that nothing waits for a kernel. Its rules and landscapes are
// not written here: they come with the picture, as tracing.py wrote them down while they computed.

// Returns settings → {results} or {refused: why}; null where a kernel has to be asked. runs(program,
// scene, settings): the result of each rule. known: those of the opening, which the kernel sent.
function makeProgram(scene, runs, known) {
  if (!scene.program) return null;
  let program, last = {};
  const find = (settings) => {
    if (same(last.settings, settings)) return last;
    last = { settings: copy(settings) };
    try {
      last.results = runs(program, scene, settings);
      for (const result of last.results) result.points = Float32Array.from(result.points); // as sent
    } catch (problem) {
      if (!(problem instanceof RangeError)) throw problem;
      last.refused = problem.message;
    }
    return last;
  };
  try { // a page may forbid text to become code
    program = compile(scene.program);
    return faithful(program, scene, runs, known) ? find : null;
  } catch {
    return null;
  }
}

// Whether a program finds of the opening what the kernel found, and heeds all sliders. Another one is
// not used: a rule may draw lots, or remember more than it says, and `runs` may not know a new slider.
function faithful(program, scene, runs, known) {
  const heeded = new Set();
  const settings = new Proxy(scene.first, { get: (all, name) => (heeded.add(name), all[name]) });
  const found = runs(program, scene, settings);
  return scene.sliders.every(({ name }) => heeded.has(name))
    && found.every(({ points }, r) => agree(points, known[r].points, scene.columns));
}

function compile({ rules, maps, formulas, ...more }) {
  const step = (body) => new Function("s", "g", "k", "t", body);
  return {
    ...more,
    rules: rules.map((rule) => ({ ...rule, step: step(rule.step) })),
    maps: maps.map((map) => ({ ...map, at: new Function("x", "y", "o", map.body) })),
    formulas: formulas.map((body) => new Function("x", "y", body)),
  };
}

// Whether x, y and f of two runs are the same, but for last digits, which a run near the border of
// stability grows (Math.pow and Python's differ there).
function agree(found, wanted, columns) {
  const close = (a, b) => Object.is(a, b) || a === b || Math.abs(a - b) <= 1e-5 + 1e-3 * Math.abs(b);
  return found.length === wanted.length
    && found.every((value, k) => k % columns > 2 || close(value, wanted[k]));
}

// The values of a rule's knobs, valueOf(name) of each; refused in the words of optimizers.py.
function knobsFor({ knobs, ranges }, rule, valueOf) {
  return knobs.map((knob, k) => {
    const [[words, least, below], value] = [ranges[k], valueOf(knob)];
    if (value >= least && (below === null ? value < Infinity : value < below)) return value;
    throw new RangeError(`${rule}: ${knob} must be ${words}, got ${value}`);
  });
}

// The same map turned by an angle, and its start: on a square map, as landscapes.turned.
function turnedMap(map, degrees) {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const reach = Math.max(...map.view.flat().map(Math.abs));
  const at = (x, y, o) => {
    map.at(cos * x + sin * y, -sin * x + cos * y, o);
    [o[1], o[2]] = [cos * o[1] - sin * o[2], sin * o[1] + cos * o[2]];
  };
  return { ...map, at, view: [[-reach, reach], [-reach, reach]], turn: ([x, y]) => [cos * x - sin * y, sin * x + cos * y] };
}

// How far a point is from the middle of a map, in widths or heights of it.
function mapDistance({ view: [[left, right], [bottom, top]] }, x, y) {
  const across = Math.abs(x - (left + right) / 2) / (right - left);
  return Math.max(across, Math.abs(y - (bottom + top) / 2) / (top - bottom));
}

// One run, as descent.walk: {points: x, y, f and the way down at each step, verdict; first and last f,
// infinite once lost}.
function descend({ step, memory }, knobs, map, start, { steps, columns, program: { far, steep } }) {
  const points = new Float64Array(columns * (steps + 1)).fill(NaN);
  const [across, up] = [0, 1].map((i) => {
    const state = new Float64Array(1 + memory);
    state[0] = start[i];
    return state;
  });
  const farthest = Math.max(far, 2 * mapDistance(map, ...start));
  const o = [0, 0, 0];
  let [lost, first, last, most] = [-1, NaN, NaN, -Infinity];
  for (let t = 0; t <= steps; t++) {
    const [x, y] = [across[0], up[0]];
    map.at(x, y, o);
    const [f, gx, gy] = o;
    const steady = isFinite(f) && Math.abs(gx) < steep && Math.abs(gy) < steep;
    if (!(steady && mapDistance(map, x, y) <= farthest)) {
      lost = t;
      break;
    }
    if (t === 0) first = f;
    [last, most] = [f, Math.max(most, f)];
    points.set([x, y, f, gx === 0 && gy === 0 ? NaN : Math.atan2(-gy, -gx)], t * columns);
    if (t === steps) break;
    step(across, gx, knobs, t + 1);
    step(up, gy, knobs, t + 1);
  }
  let verdict = `f = ${scientific(last)} after ${steps} steps`;
  if (lost >= 0) verdict = `diverged at step ${lost}`;
  else if (last > first && last === most) {
    verdict = `diverging: f rose from ${scientific(first)} to ${scientific(last)}`;
  }
  return { points, verdict, first, last: lost < 0 ? last : Infinity };
}
