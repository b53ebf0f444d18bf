// What a model says of each of its layers, by the names that its net has for them.

/** Before the names of the layers of an ensemble's members, all of which have the same. */
const MEMBER = /(^|\/)members\/\d+\//g;
/** What a net tells of each layer anyway. */
const KNOWN = new Set(["name", "type", "inputs", "network", "trainable"]);

/** The names of the layers in the order of the text; those without one are named by type and number. */
export function layerNames(layers) {
  const numbers = new Map();
  return layers.map((layer) => {
    const type = String(layer?.type ?? "");
    numbers.set(type, (numbers.get(type) || 0) + 1);
    return typeof layer?.name === "string" ? layer.name : `${type}_${numbers.get(type)}`;
  });
}

/** By the name of a layer, its object; those of a nested net, once that is looked up, have the name of its layer before their own. */
export function layerSpecs(model) {
  const specs = new Map();
  const add = (network, before) => {
    const layers = Array.isArray(network?.layers) ? network.layers : [];
    layerNames(layers).forEach((name, i) => {
      specs.set(before + name, layers[i]);
      add(layers[i]?.network, `${before}${name}/`);
    });
  };
  add(model?.network, "");
  return specs;
}

/** What the layer of that name is, as [member, value] of each that a net does not tell anyway. */
export function attributes(specs, name) {
  const spec = specs.get(name) ?? specs.get(name.replace(MEMBER, "$1"));
  return Object.entries(spec || {}).filter(([member]) => !KNOWN.has(member));
}
