// Answers a live picture in the place of a Python kernel. The rules and landscapes are not written
// here: they come with the picture, as tracing.py wrote them down while they computed. The rest does
// what descent.py, widget.py, stage.py, plane.py and injector.py in notebooks/lab do, and check.mjs
// compares every answer to an opening with theirs.

(() => {
  const FAR = 10; // as in descent.py
  const STEEP = 1e150;
  const TURN = Math.PI / 180;

  const scientific = (value) => value.toExponential(3).replace(/e([+-])(\d)$/, "e$10$2");

  // The functions of a program, from their bodies.
  function compile({ kind, rules, maps, faulty, ...more }) {
    const step = (body) => new Function("s", "g", "k", "t", body);
    return {
      ...more, kind,
      rules: rules.map((rule) => ({ ...rule, step: step(rule.step) })),
      faulty: faulty && Object.fromEntries(Object.entries(faulty).map(([name, body]) => [name, step(body)])),
      maps: maps.map((map) => ({ ...map, at: new Function("x", "y", "o", map.body) })),
    };
  }

  // The same map turned by an angle, and its start: on a square map, as landscapes.turned.
  function turned(map, angle) {
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const reach = Math.max(...map.view.flat().map(Math.abs));
    const at = (x, y, o) => {
      map.at(cos * x + sin * y, -sin * x + cos * y, o);
      [o[1], o[2]] = [cos * o[1] - sin * o[2], sin * o[1] + cos * o[2]];
    };
    return { ...map, at, view: [[-reach, reach], [-reach, reach]], turn: ([x, y]) => [cos * x - sin * y, sin * x + cos * y] };
  }

  function distance({ view: [[left, right], [bottom, top]] }, x, y) {
    const across = Math.abs(x - (left + right) / 2) / (right - left);
    return Math.max(across, Math.abs(y - (bottom + top) / 2) / (top - bottom));
  }

  // One run, as descent.walk: {points: x, y, f and the way down at each step, verdict, ends: first
  // and last f, infinite once lost}.
  function descend({ step, memory }, knobs, map, start, steps, columns) {
    const points = new Float64Array(columns * (steps + 1)).fill(NaN);
    const [across, up] = [0, 1].map((i) => {
      const state = new Float64Array(1 + memory);
      state[0] = start[i];
      return state;
    });
    const far = Math.max(FAR, 2 * distance(map, ...start));
    const o = [0, 0, 0];
    let [lost, first, last, most] = [-1, NaN, NaN, -Infinity];
    for (let t = 0; t <= steps; t++) {
      const [x, y] = [across[0], up[0]];
      map.at(x, y, o);
      const [f, gx, gy] = o;
      if (!(isFinite(f) && Math.abs(gx) < STEEP && Math.abs(gy) < STEEP && distance(map, x, y) <= far)) {
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
    return { points, verdict, ends: [first, lost < 0 ? last : Infinity] };
  }

  // What the values of a rule's knobs may be, as optimizers.py refuses them.
  function check(rule, { knobs, ranges }, values) {
    ranges.forEach(([words, least, below], k) => {
      if (values[k] >= least && (below === null ? values[k] < Infinity : values[k] < below)) return;
      throw new RangeError(`${rule}: ${knobs[k]} must be ${words}, got ${values[k]}`);
    });
    return values;
  }

  // Each picture's `descend`: yields [slider or "", rule, runs].
  const pictures = {
    * stage(program, scene, settings, sweeps) {
      const { steps, columns, sliders } = scene;
      const run = (r, now) => {
        const rule = program.rules[r];
        const knobs = check(scene.rules[r].rule, rule, rule.knobs.map((name) => now[`${r}.${name}`]));
        let map = program.maps[now.landscape];
        let start = now.start ?? map.start;
        if (program.turns) {
          map = turned(map, now.turn * TURN);
          start = map.turn(start);
        }
        return descend(rule, knobs, map, start, steps, columns);
      };
      for (const r of program.rules.keys()) {
        yield ["", r, [run(r, settings)]];
        for (const { name, rule, values } of sweeps ? sliders : []) {
          if (name === "landscape") {
            if (settings.start !== null) continue;
            for (const k of values.keys()) yield [name, r, [run(r, { ...settings, [name]: k })]];
          } else if (rule === null || rule === r) {
            yield [name, r, values.map((value) => run(r, { ...settings, [name]: value }))];
          }
        }
      }
    },

    * plane({ rules, defaults, maps: [map], predicted }, scene, settings, sweeps) {
      const { steps, columns, sliders } = scene;
      const rates = (r, now, [first, last]) => {
        const [x, y] = sliders.map(({ name, values }) => values.indexOf(now[name]));
        const known = {
          "measured rate": last === Infinity ? last : (Math.max(last - map.least, 1e-300) / (first - map.least)) ** (1 / (2 * steps)),
          predicted: predicted && x >= 0 && y >= 0 ? predicted[r][y * sliders[0].values.length + x] : NaN,
        };
        return Object.entries(known).filter(([, rate]) => isFinite(rate)).map(([name, rate]) => `${name} ${rate.toFixed(4)}`).join(", ");
      };
      const run = (r, now) => {
        const knobs = rules[r].knobs.map((name, k) => now[name] ?? defaults[r][k]);
        const found = descend(rules[r], check(scene.rules[r].rule, rules[r], knobs), map, map.start, steps, columns);
        return { ...found, verdict: [found.verdict, rates(r, now, found.ends)] };
      };
      for (const r of rules.keys()) {
        yield ["", r, [run(r, settings)]];
        for (const { name, values } of sweeps ? sliders : []) {
          yield [name, r, values.map((value) => run(r, { ...settings, [name]: value }))];
        }
      }
    },

    * injector({ rules: [adam], faulty, switches, maps: [map] }, scene, settings, sweeps) {
      const { steps, columns, sliders } = scene;
      const knobsOf = (now) => check("Adam", adam, adam.knobs.map((name) => now[name]));
      // How long a rule's steps are if it is fed the gradients along a run, as faults.step_lengths.
      const lengths = ({ step, memory }, knobs, fed) => {
        const states = [0, 1].map(() => new Float64Array(1 + memory));
        return fed.map((gradients, t) => {
          const moves = states.map((state, i) => {
            state[0] = 0;
            step(state, gradients?.[i] ?? 0, knobs, t + 1);
            return state[0];
          });
          return Math.sqrt(moves[0] * moves[0] + moves[1] * moves[1]);
        });
      };
      const pair = (now, which) => {
        const knobs = knobsOf(now);
        const right = descend(adam, knobs, map, map.start, steps, columns);
        for (let t = 1; t <= steps; t++) right.points[t * columns + 4] = 1;
        if (which === 0) return right;
        const wrong = { ...adam, step: faulty[switches.map((name) => now[name])] };
        const fed = Array.from({ length: steps }, (_, t) => {
          const o = [0, 0, 0];
          map.at(right.points[t * columns], right.points[t * columns + 1], o);
          return isFinite(o[1]) && isFinite(o[2]) ? [o[1], o[2]] : null;
        });
        const [own, other] = [lengths(adam, knobs, fed), lengths(wrong, knobs, fed)];
        const found = descend(wrong, knobs, map, map.start, steps, columns);
        fed.forEach((known, t) => (found.points[(t + 1) * columns + 4] = known ? other[t] / own[t] : NaN));
        return found;
      };
      yield ["", 0, [pair(settings, 0)]];
      yield ["", 1, [pair(settings, 1)]];
      if (!sweeps) return;
      const isSwitch = ({ name }) => switches.includes(name);
      for (const { name, values } of sliders.filter(isSwitch)) {
        for (const k of values.keys()) yield [name, 1, [pair({ ...settings, [name]: k }, 1)]];
      }
      for (const { name, values } of sliders.filter((slider) => !isSwitch(slider))) {
        for (const r of [0, 1]) yield [name, r, values.map((value) => pair({ ...settings, [name]: value }, r))];
      }
    },
  };

  // Returns request → {reply, runs}, as Asking._answer in widget.py; it throws a RangeError that says
  // what was wrong.
  downhill.kernel = (scene) => {
    const program = compile(scene.program);
    return (request) => {
      const [table, parts] = [[], []];
      for (const [slider, rule, runs] of pictures[program.kind](program, scene, request.settings, request.sweeps)) {
        table.push([slider, rule, runs.map(({ verdict }) => verdict)]);
        parts.push(...runs.map(({ points }) => points));
      }
      const runs = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
      parts.reduce((at, points) => (runs.set(points, at), at + points.length), 0);
      return { reply: { ...request, size: runs.byteLength, table }, runs: new DataView(runs.buffer) };
    };
  };
})();
