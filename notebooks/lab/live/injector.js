// The fault injector, drawn in the browser. All combinations of faults are here already; only a
// knob asks the kernel. See injector.py.

// The ratio of the steps against t, below the map and as wide as it, on a logarithmic axis.
function makePlot(el, [left, , right, , width], steps, { colour, marker }) {
  const [top, bottom, height] = [12, 132, 166];
  const svg = make(el, "svg", { viewBox: `0 0 ${width} ${height}`, role: "img", class: "plot" });
  const grid = make(svg, "g");
  const whole = make(svg, "path", { fill: "none", stroke: colour, "stroke-opacity": 0.35 });
  const line = make(svg, "path", { fill: "none", stroke: colour, "stroke-width": 1.8 });
  const head = make(svg, "path", { d: shapeOf(marker), fill: colour, stroke: "#fff" });
  const toX = (t) => left + (t / steps) * (right - left);

  const write = (x, y, text, more) =>
    make(grid, "text", { x, y, "text-anchor": "middle", ...more }, text);
  const rule = (d, more) => make(grid, "path", { d, stroke: "#d7dde3", ...more });

  // Lines and numbers for the decades from 10^low to 10^high.
  function drawGrid(low, high, toY) {
    grid.replaceChildren();
    const apart = Math.ceil((high - low) / 6); // decades between two numbers
    const within = high - low <= 3 ? [1, 2, 5] : [1];
    for (let decade = low; decade <= high; decade += apart) {
      for (const digit of within) {
        const value = digit * 10 ** decade;
        if (value > 10 ** high * 1.001) continue;
        const y = toY(value);
        rule(`M${left},${y}H${right}`);
        const text = Math.abs(decade) > 3 ? `1e${decade}` : String(+value.toPrecision(1));
        write(left - 5, y + 4, text, { "text-anchor": "end" });
      }
    }
    rule(`M${left},${toY(1)}H${right}`, { stroke: "#000", "stroke-width": 1.2 });
    rule(`M${left},${top}V${bottom}H${right}`, { stroke: "#1b1f24", fill: "none" });
    const every = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((n) => steps <= 12 * n) ?? 1000;
    for (let t = 0; t <= steps; t += every) write(toX(t), bottom + 14, String(t));
    write((left + right) / 2, height - 4, "step t");
    const middle = (top + bottom) / 2;
    write(10, middle, "times the right step", { transform: `rotate(-90 10 ${middle})` });
  }

  return {
    // Show the ratios of the steps 1, 2, …, and stress those up to step `at`.
    draw(ratios, at) {
      const sound = (k) => ratios[k] > 0 && ratios[k] < Infinity;
      const exponents = [...ratios.keys()].filter(sound).map((k) => Math.log10(ratios[k]));
      const low = Math.floor(Math.min(-1, ...exponents));
      const high = Math.ceil(Math.max(1, ...exponents));
      const toY = (v) => bottom - ((Math.log10(v) - low) / (high - low)) * (bottom - top);
      drawGrid(low, high, toY);
      const point = (k) => `${toX(k + 1).toFixed(1)},${toY(ratios[k]).toFixed(1)}`;
      const path = (last) => {
        let d = "";
        for (let k = 0; k < last; k++) {
          if (sound(k)) d += (k && sound(k - 1) ? "L" : "M") + point(k);
        }
        return d;
      };
      whole.setAttribute("d", path(steps));
      line.setAttribute("d", path(at));
      const where = at && sound(at - 1) ? point(at - 1) : "-99,-99";
      head.setAttribute("transform", `translate(${where}) scale(1.7)`);
    },
    tell: (text) => svg.setAttribute("aria-label", text),
  };
}

// One group of radio buttons; chosen(choice) is called when one is picked.
function makeSwitch(parent, id, { name, legend, choices }, chosen) {
  const group = make(parent, "fieldset");
  make(group, "legend", {}, legend);
  const radios = choices.map((choice) => {
    const label = make(group, "label");
    const radio = make(label, "input", { type: "radio", name: id, "data-choice": choice });
    make(label, "span", {}, String(choice));
    radio.addEventListener("change", () => chosen(choice));
    return { radio, label };
  });
  return {
    name,
    tell(choice) {
      radios.forEach(({ radio, label }, c) => {
        radio.checked = choices[c] === choice;
        label.classList.toggle("fault", radio.checked && c > 0);
      });
    },
  };
}

function render({ model, el }) {
  const scene = model.get("scene");
  const { steps, switches, knobs } = scene;
  const [right, wrong] = scene.rules;
  const wish = copy(model.get("wish"));
  const faults = copy(model.get("faults"));
  const id = `injector-${Math.random().toString(36).slice(2)}`;
  let runs, ratios, answer;

  el.classList.add("downhill-stage");
  const map = makeMap(el, scene, id, "img");
  const trails = scene.rules.map((rule, r) => makeTrail(map, rule, `${id}-${r}`));
  const plot = makePlot(el, scene.frame, steps, wrong);
  const player = makePlayer(el, steps, 90, () => show());
  player.onReset(() => {
    Object.assign(faults, scene.first.faults);
    Object.assign(wish, scene.first.wish);
    ask();
    show(null);
  });

  const board = make(el, "div", { class: "switches" });
  const groups = switches.map((each) =>
    makeSwitch(board, `${id}-${each.name}`, each, (choice) => {
      faults[each.name] = choice;
      model.set("faults", copy(faults));
      model.save_changes();
      show();
    }),
  );

  const table = make(el, "div", { class: "knobs" });
  const rows = knobs.map(({ name, values }) => {
    const set = (value) => {
      wish[name] = value;
      ask();
      show();
    };
    const knob = { label: name, colour: "#8593a0", values, data: { knob: name } };
    return { name, row: makeKnob(table, knob, { slid: set, typed: set, bad: () => show(null) }) };
  });
  const problem = make(el, "p", { class: "problem", role: "alert" });
  const lines = makeReadout(el, [right, wrong, wrong].map(({ colour }) => colour));

  function ask() {
    model.set({ wish: copy(wish), faults: copy(faults), problem: "" });
    model.save_changes();
  }

  // How the chosen faults are called, and the number of their combination, the last switch fastest.
  function chosen() {
    const named = switches.filter(({ name, choices }) => faults[name] !== choices[0]);
    const number = switches.reduce(
      (n, { name, choices }) => n * choices.length + choices.indexOf(faults[name]), 0);
    const told = named.map(({ name, legend }) => `${legend} ${faults[name]}`).join(", ");
    return { number, told: told || "no fault" };
  }

  // Draw everything that can change, but a number that is being typed.
  function show(typing = document.activeElement) {
    const { number, told } = chosen();
    const settings = Object.entries(answer.wish).map(([n, v]) => `${n} ${short(v)}`).join(", ");
    const names = [`Adam, ${settings}`, `FaultyAdam, ${told}`];
    [0, number + 1].forEach((run, r) => {
      const points = runs.subarray(3 * (steps + 1) * run, 3 * (steps + 1) * (run + 1));
      const verdict = answer.verdicts[run];
      const shown = trails[r].draw(points, player.at);
      lines[r].textContent = `${names[r]}: ${tellRun(points, shown, verdict)}`;
      lines[r].classList.toggle("lost", /^diverg/.test(verdict));
    });
    const shown = ratios.subarray(steps * number, steps * (number + 1));
    plot.draw(shown, player.at);
    const compared = compare(shown, player.at);
    lines[2].textContent = compared;
    plot.tell(`The length of FaultyAdam's steps against Adam's, ${told}. ${compared}`);
    map.svg.setAttribute("aria-label",
      `Map of the ${scene.name} with the paths of Adam and of FaultyAdam, ${told}`);
    for (const group of groups) group.tell(faults[group.name]);
    for (const { name, row } of rows) row.tell(wish[name], typing);
    player.tell(`step ${player.at} of ${steps}`);
    problem.textContent = model.get("problem");
  }

  const times = (ratio) => `${+ratio.toPrecision(3)} times`;

  // The smallest and the largest ratio in words; nothing if there is none.
  function extremes(shown) {
    const known = [...shown.keys()].filter((k) => shown[k] < Infinity);
    if (!known.length) return "";
    const [least, most] = [-1, 1].map((sign) =>
      known.reduce((best, k) => (sign * shown[k] > sign * shown[best] ? k : best)));
    const [low, high] = [least, most].map((k) => times(shown[k]));
    if (low === high) return ` At every step: ${low}.`;
    return ` Least: ${low} at step ${least + 1}. Most: ${high} at step ${most + 1}.`;
  }

  function compare(shown, at) {
    const say = (ratio) => {
      if (ratio < Infinity) return `${times(ratio)} the right step`;
      return ratio > 0 ? "a step where the right one is 0" : "no right step to compare with";
    };
    const now = at ? `Step ${at}: ${say(shown[at - 1])}.` : "Step 0: no step taken yet.";
    const end = `In the end: ${say(shown[steps - 1])}.`;
    const fair = "Both rules are fed the same gradients, those along Adam's path.";
    return `${now}${extremes(shown)} ${end} ${fair}`;
  }

  function heard() {
    answer = model.get("answer");
    runs = floats(model.get("runs"));
    ratios = floats(model.get("ratios"));
  }
  const answered = () => {
    heard();
    show();
  };
  const restore = () => Object.assign(wish, copy(model.get("answer").wish));
  const leave = follow(model, answered, restore, show);
  heard();
  show();
  return () => {
    player.stop();
    leave();
  };
}

export default { render };
