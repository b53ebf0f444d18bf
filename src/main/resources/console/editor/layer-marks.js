// Which layer of a net a pointer into its text means.
import { names } from "./json-text.js";

/** The names of the layers in the order of the text; those without one are named by type and number. */
function layerNames(layers) {
  const numbers = new Map();
  return layers.map((layer) => {
    const type = String(layer?.type ?? "");
    numbers.set(type, (numbers.get(type) || 0) + 1);
    return typeof layer?.name === "string" ? layer.name : `${type}_${numbers.get(type)}`;
  });
}

/** The faults of each layer by its name, as far as a model has them at its layers. */
export function layerMarks(model, faults) {
  const layers = Array.isArray(model?.network?.layers) ? layerNames(model.network.layers) : [];
  const marks = new Map();
  for (const fault of faults) {
    const [, ...inModel] = fault.pointer?.startsWith("/model/network/layers/") ? names(fault.pointer) : [];
    const name = layers[inModel[2]];
    if (name) marks.set(name, [...(marks.get(name) || []), fault]);
  }
  return marks;
}
