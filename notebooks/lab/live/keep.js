/* global encode */
/* exported keep */
// What makes a picture outlive its kernel. Jupyter puts widgets into a saved notebook only where a
// setting says so, and then only those whose kernel still runs: on the second or the third day a
// reader would find "model not found" in their place. So our notebooks say so themselves.

const STATE = "application/vnd.jupyter.widget-state+json";
const VIEW = "application/vnd.jupyter.widget-view+json";

// Have a picture's model saved with its notebook as long as an output shows it. Where there is no
// notebook, as on a page of its own, or another version of Jupyter, nothing happens.
function keep({ model }) {
  const manager = model.widget_manager;
  const own = model.set({}); // behind anywidget's model
  if (!manager?.context?.saveState || !manager.get_state_sync || !own?.model_id) return;
  if (!manager.downhill) {
    manager.downhill = new Map();
    manager.context.saveState.connect((_, when) => when === "started" && save(manager));
  }
  manager.downhill.set(own.model_id, own);
}

// Put the state of all widgets that live, and of our pictures that are shown, into the notebook.
function save(manager) {
  const notebook = manager.context.model;
  const widgets = manager.get_state_sync({ drop_defaults: true });
  for (const { outputs } of notebook.cells) {
    for (let k = 0; k < (outputs?.length ?? 0); k++) {
      const model = manager.downhill.get(outputs.get(k).data[VIEW]?.model_id);
      if (!model || widgets.state[model.model_id]) continue;
      for (const part of [model, model.get("layout")]) widgets.state[part.model_id] = stateOf(part);
    }
  }
  notebook.setMetadata("widgets", { [STATE]: widgets });
}

// A model as Jupyter stores it: its bytes apart, in base 64.
function stateOf(model) {
  const stored = { model_name: model.name, model_module: model.module, state: {}, buffers: [] };
  stored.model_module_version = model.get("_model_module_version");
  for (const [key, value] of Object.entries(model.serialize(model.get_state(true)))) {
    if (!ArrayBuffer.isView(value)) stored.state[key] = value;
    else stored.buffers.push({ path: [key], encoding: "base64", data: encode(value) });
  }
  return stored;
}
