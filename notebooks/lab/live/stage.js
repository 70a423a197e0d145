// The live map, drawn in the browser. What the kernel sent is redrawn without asking it again;
// `wish` asks it for what a new start or a typed number changes. See stage.py.

const settled = (w) => ({ start: w.start, turn: w.turn, knobs: w.knobs });
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

// A point turned counter-clockwise about the origin. The start is kept as in the map not turned.
function turned([x, y], degrees) {
  const [cos, sin] = [Math.cos, Math.sin].map((f) => f((degrees * Math.PI) / 180));
  return [cos * x - sin * y, sin * x + cos * y];
}

// Cut the bytes of `runs` into current[rule] and sweeps[rule][knob][position]: {points, verdict}.
// Where the landscape can turn, its angle is the last knob of every rule's sweeps.
function unpack(scene, answer, bytes) {
  const data = floats(bytes);
  const size = 3 * (scene.steps + 1);
  let next = 0;
  const take = (verdicts) =>
    verdicts.map((verdict) => ({ verdict, points: data.subarray(next, (next += size)) }));
  const current = [], sweeps = [];
  for (const table of answer.verdicts) {
    const [now, ...rest] = table.map(take);
    current.push(now[0]);
    sweeps.push(rest);
  }
  return { current, sweeps };
}

function render({ model, el }) {
  const scene = model.get("scene");
  const wish = copy(model.get("wish")); // a notebook may render again what has been changed
  const id = `stage-${Math.random().toString(36).slice(2)}`;
  let { current, sweeps } = unpack(scene, model.get("answer"), model.get("runs"));
  // The settings for which `sweeps` is right, if there are any.
  let sweptFor = model.get("answer").wish.quick ? null : settled(copy(model.get("answer").wish));
  let dragging = false;

  el.classList.add("downhill-stage");

  // The map.
  const [left, top, right, bottom] = scene.frame;
  const [[x0, x1], [y0, y1]] = scene.view;
  const themap = makeMap(el, scene, id, "group");
  const { svg, inside, toX, toY } = themap;
  svg.setAttribute("aria-label", `Map of the ${scene.name} with the paths of the optimizers`);
  const reach = Math.SQRT2 * x1;
  const ground = scene.turns.length && make(inside, "image", {
    href: `data:image/png;base64,${scene.ground}`,
    x: toX(-reach), y: toY(reach), width: toX(reach) - toX(-reach), height: toY(-reach) - toY(reach),
  });
  const trails = scene.rules.map((rule, r) => makeTrail(themap, rule, `${id}-${r}`));
  const handle = make(svg, "circle", {
    r: 7, class: "start", tabindex: 0, role: "application", fill: "#fff", stroke: "#000",
  });

  const player = makePlayer(el, scene.steps, 90, () => show());
  player.onReset(() => {
    Object.assign(wish, copy(scene.first));
    ask(false);
    show();
  });

  // One row for each knob of each rule, and one that turns the landscape: the knob of no rule.
  const knobs = make(el, "div", { class: "knobs" });
  const rows = [];
  const owner = (w, r) => (r < 0 ? w : w.knobs[r]);
  function addRow(r, k, knob) {
    const row = makeKnob(knobs, knob, {
      slid: (value) => slide(r, k, knob, value),
      typed(value) {
        owner(wish, r)[knob.name] = value;
        ask(false);
      },
      bad: () => show(null),
    });
    row.slider.addEventListener("change", () => ask(false));
    rows.push({ r, knob, row });
  }
  if (scene.turns.length) {
    addRow(-1, 0, {
      name: "turn", label: "turn θ in degrees", colour: "#8593a0", values: scene.turns,
      data: { knob: "turn" },
    });
  }
  scene.rules.forEach((rule, r) => {
    rule.knobs.forEach((knob, k) => {
      const label = `${rule.rule} ${knob.name}`;
      const data = { knob: knob.name, rule: rule.rule };
      addRow(r, k, { ...knob, label, colour: rule.colour, data });
    });
  });
  const problem = make(el, "p", { class: "problem", role: "alert" });
  const lines = makeReadout(el, scene.rules.map(({ colour }) => colour));

  function slide(r, k, { name, values }, value) {
    owner(wish, r)[name] = value;
    const others = (w) => r < 0 ? { ...settled(w), turn: 0 }
      : { start: w.start, turn: w.turn, knobs: { ...w.knobs[r], [name]: 0 } };
    const at = values.indexOf(value);
    if (sweptFor && same(others(wish), others(sweptFor))) {
      if (r < 0) current = sweeps.map((swept) => swept.at(-1)[at]);
      else current[r] = sweeps[r][k][at];
    } else {
      ask(true);
    }
    show();
  }

  function ask(quick) {
    model.set({ wish: { ...copy(wish), quick }, problem: "" });
    model.save_changes();
  }

  // Draw everything that can change, but a number that is being typed.
  function show(typing = document.activeElement) {
    trails.forEach((trail, r) => {
      const { points, verdict } = current[r];
      const told = tellRun(points, trail.draw(points, player.at), verdict);
      const settings = Object.entries(wish.knobs[r]).map(([n, v]) => `${n} ${short(v)}`).join(", ");
      lines[r].textContent = `${scene.rules[r].rule}, ${settings}: ${told}`;
      lines[r].classList.toggle("lost", /^diverg/.test(verdict));
    });
    if (ground) ground.setAttribute("transform", `rotate(${-wish.turn} ${toX(0)} ${toY(0)})`);
    const [sx, sy] = turned(wish.start, wish.turn);
    handle.setAttribute("cx", Math.min(Math.max(toX(sx), left), right));
    handle.setAttribute("cy", Math.min(Math.max(toY(sy), top), bottom));
    handle.setAttribute("aria-label", `start at (${short(sx)}, ${short(sy)}); arrow keys move it`);
    for (const { r, knob, row } of rows) row.tell(owner(wish, r)[knob.name], typing);
    player.tell(`step ${player.at} of ${scene.steps}`);
    problem.textContent = model.get("problem");
  }

  // The start, by pointer and by arrow keys.
  function place(x, y, quick) {
    const point = [Math.min(Math.max(x, x0), x1), Math.min(Math.max(y, y0), y1)];
    wish.start = turned(point, -wish.turn).map((v) => +v.toFixed(3));
    ask(quick);
    show();
  }
  handle.addEventListener("pointerdown", (event) => {
    dragging = true;
    handle.setPointerCapture(event.pointerId);
    event.preventDefault();
    handle.focus();
  });
  handle.addEventListener("pointermove", (event) => {
    if (!dragging) return;
    const pointer = new DOMPoint(event.clientX, event.clientY);
    const at = pointer.matrixTransform(svg.getScreenCTM().inverse());
    const near = (value, low, high) => (Math.abs(value) < 0.012 * (high - low) ? 0 : value);
    place(near(x0 + ((at.x - left) / (right - left)) * (x1 - x0), x0, x1),
      near(y0 + ((bottom - at.y) / (bottom - top)) * (y1 - y0), y0, y1), true);
  });
  handle.addEventListener("pointerup", () => {
    dragging = false;
    ask(false);
  });
  handle.addEventListener("keydown", (event) => {
    const move = arrow(event.key);
    if (!move) return;
    event.preventDefault();
    const size = (event.shiftKey ? 0.1 : 0.01);
    const [x, y] = turned(wish.start, wish.turn);
    place(x + move[0] * size * (x1 - x0), y + move[1] * size * (y1 - y0), false);
  });

  // What the kernel says. An answer to an older wish only lends its path while the start is dragged.
  const heard = () => {
    const answer = model.get("answer");
    const now = unpack(scene, answer, model.get("runs"));
    if (!answer.wish.quick) {
      sweeps = now.sweeps;
      sweptFor = copy(settled(answer.wish));
    } else {
      sweptFor = null;
    }
    if (dragging || same(settled(answer.wish), settled(wish))) current = now.current;
    show();
  };
  const restore = () => Object.assign(wish, settled(copy(model.get("answer").wish)));
  const leave = follow(model, heard, restore, show);
  show();
  return () => {
    player.stop();
    leave();
  };
}

export default { render };
