// Which layer of a net a pointer into its text means, and where a layer of it is written.
import { layerNames } from "../parts/layer-specs.js";
import { names, pointer } from "./json-text.js";

const LAYERS = "/network/layers/";

function namesOf(model) {
  return Array.isArray(model?.network?.layers) ? layerNames(model.network.layers) : [];
}

/** The faults of each layer by its name, as far as a model has them at its layers. */
export function layerMarks(model, faults) {
  const layers = namesOf(model);
  const marks = new Map();
  for (const fault of faults) {
    const name = fault.pointer?.startsWith(`/model${LAYERS}`) ? layers[names(fault.pointer)[3]] : undefined;
    if (name) marks.set(name, [...(marks.get(name) || []), fault]);
  }
  return marks;
}

/** The name of the layer in which a pointer into a model leads, "" for none. */
export function layerAt(model, place) {
  return place.startsWith(LAYERS) ? namesOf(model)[names(place)[2]] || "" : "";
}

/** The pointer to a layer in its model; a layer of a nested net is where that net is; null where the text has none. */
export function pointerOf(model, name) {
  const layers = namesOf(model);
  const i = layers.indexOf(name) < 0 ? layers.indexOf(name.split("/")[0]) : layers.indexOf(name);
  return i < 0 ? null : pointer(["network", "layers", i]);
}
