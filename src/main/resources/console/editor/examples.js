// Jobs and models to begin with, one for each thing that people come with. Some bring rows of their own.

const SERIES = { inputs: { x: { column: "x", shape: [8, 1] } }, targets: { y: { column: "y" } } };
const ADAM = { type: "adam", learning_rate: 0.01 };
const sparse = { l2: 0.0005, sparsity: { weight: 4, proportion: 0.05 } };
const round = (value) => Number(value.toFixed(6));

/** Eight steps of a wave, and a function of the next one. */
function series() {
  return Array.from({ length: 200 }, (_, i) => {
    const wave = (step) => Math.sin(0.1 * i + 0.3 * step);
    return { x: Array.from({ length: 8 }, (_, step) => [round(wave(step))]), y: round(3 * Math.sin(wave(8)) + 0.5 * wave(8) ** 2) };
  });
}

/** Matrices of three by four, and a number. */
function matrices() {
  return Array.from({ length: 8 }, (_, i) => ({
    x: [0, 1, 2].map((row) => [0, 1, 2, 3].map((column) => round(Math.sin(1 + 7 * i + 4 * row + column)))),
    y: round(Math.cos(3 * i)),
  }));
}

/** An autoencoder of the columns, one of its codes, and a head on the codes of that; one phase for each, and one for all. */
function stacked({ name, dataset, columns, targets, head, loss, metrics }) {
  const encoder = (own) => ({ type: "dense", ...own, units: 10, activation: "sigmoid", regularizer: sparse });
  return {
    model: {
      name,
      inputs: { x: { columns, scale: "unit" } },
      targets,
      network: { layers: [
        encoder({ name: "enc1" }),
        { type: "dense", name: "dec1", units: columns.length },
        encoder({ name: "enc2", inputs: ["enc1"] }),
        { type: "dense", name: "dec2", units: 10 },
        { type: "dense", name: "head", inputs: ["enc2"], ...head },
      ] },
    },
    dataset: { name: dataset },
    training: {
      epochs: 100, batch_size: 150, seed: 1, optimizer: ADAM,
      phases: [
        { name: "autoencoder1", train: ["enc1", "dec1"], output: "dec1", target: { input: "x" }, loss: "sse" },
        { name: "autoencoder2", train: ["enc2", "dec2"], output: "dec2", target: { layer: "enc1" }, loss: "sse" },
        { name: "head", train: ["head"], loss },
        { name: "fine_tuning", train: ["enc1", "enc2", "head"], loss, penalties: false, metrics },
      ],
    },
  };
}

/** Each has a `body`, the schema that it follows as `kind`, and in `rows` what makes the dataset that no sample is. */
export const EXAMPLES = {
  classical: {
    title: "A small net, trained by Levenberg–Marquardt",
    kind: "job",
    body: {
      model: {
        name: "small-net",
        inputs: { x: { columns: ["x1", "x2"] } },
        targets: { y: { column: "y" } },
        network: { layers: [
          { type: "dense", name: "hidden", units: 2, activation: "sigmoid" },
          { type: "dense", name: "output", units: 1, activation: "sigmoid" },
        ] },
      },
      dataset: { name: "xor" },
      training: { loss: "mse", epochs: 200, seed: 1, optimizer: "levenberg_marquardt", goal: 0.0001 },
    },
  },
  flowers: {
    title: "Classes from a table, and an alias that moves when they are good",
    kind: "job",
    body: {
      model: {
        name: "flowers",
        inputs: { x: { columns: ["sepal_length", "sepal_width", "petal_length", "petal_width"], scale: "standard" } },
        targets: { species: { column: "species" } },
        network: { layers: [
          { type: "dense", units: 16, activation: "relu" },
          { type: "dense", units: 3, activation: "softmax" },
        ] },
      },
      dataset: { name: "iris", split: { validation: 0.2, test: 0.1, stratify: "species" } },
      training: {
        loss: "categorical_crossentropy", optimizer: ADAM, epochs: 100, batch_size: 16, seed: 42, metrics: ["accuracy"],
        early_stopping: { monitor: "val_loss", patience: 20 },
      },
      on_success: { alias: "production", when: { val_accuracy: { min: 0.9 } } },
    },
  },
  formula: {
    title: "A recurrent net that feeds a formula, trained as one",
    kind: "job",
    rows: series,
    body: {
      model: { name: "recurrent-formula", ...SERIES, network: { layers: [
        { type: "lstm", name: "lstm", units: 8 },
        { type: "dense", name: "number", units: 1 },
        { type: "lambda", name: "f", expression: "3*sin(x) + 0.5*x^2" },
      ] } },
      dataset: { name: "series", split: { validation: 0.2 } },
      training: { loss: "mse", epochs: 60, batch_size: 32, seed: 1, optimizer: ADAM },
    },
  },
  inner: {
    title: "A net that others can nest",
    kind: "job",
    rows: series,
    body: {
      model: { name: "inner", ...SERIES, network: { layers: [
        { type: "lstm", name: "lstm", units: 8 },
        { type: "activation", function: "tanh" },
        { type: "dense", name: "number", units: 1 },
      ] } },
      dataset: { name: "series" },
      training: { loss: "mse", epochs: 30, seed: 1, optimizer: ADAM },
    },
  },
  nested: {
    title: "A frozen net as a layer of another (train “a net that others can nest” first)",
    kind: "job",
    rows: series,
    body: {
      model: { name: "outer", ...SERIES, network: { layers: [
        { type: "model", name: "rnn", ref: "inner@latest", trainable: false },
        { type: "dense", units: 8, activation: "tanh" },
        { type: "dense", units: 1 },
      ] } },
      dataset: { name: "series" },
      training: { loss: "mse", epochs: 30, seed: 1, optimizer: ADAM },
    },
  },
  branches: {
    title: "A graph with branches: two layers, a transpose and a product",
    kind: "job",
    rows: matrices,
    body: {
      model: {
        name: "branches",
        inputs: { x: { column: "x", shape: [3, 4] } },
        targets: { y: { column: "y" } },
        network: { layers: [
          { type: "dense", name: "fc1", units: 4, inputs: ["x"] },
          { type: "dense", name: "fc2", units: 4, inputs: ["x"] },
          { type: "permute", name: "transposed", axes: [1, 0], inputs: ["fc2"] },
          { type: "matmul", name: "product", inputs: ["fc1", "transposed"] },
          { type: "flatten", name: "flat" },
          { type: "dense", name: "head", units: 1 },
        ] },
      },
      dataset: { name: "matrices" },
      training: { loss: "mse", epochs: 10, batch_size: 8, shuffle: false, seed: 1, optimizer: ADAM },
    },
  },
  shapes: {
    title: "Shapes and counts of convolutions, without a row",
    kind: "model",
    body: {
      name: "shapes",
      network: {
        inputs: { x: { shape: [5, 720, 1] } },
        layers: [
          { type: "conv2d", name: "conv1", filters: 64, kernel_size: [5, 100], padding: "same", activation: "relu" },
          { type: "conv2d", name: "conv2", filters: 16, kernel_size: [5, 100], strides: [1, 2] },
          { type: "global_avg_pool", name: "pool" },
          { type: "dense", name: "head", units: 4, activation: "softmax" },
        ],
      },
    },
  },
  images: {
    title: "Images of digits, and a convolution that looks at them",
    kind: "job",
    body: {
      model: {
        name: "digit-images",
        inputs: { x: { column: "image", scale: { divide: 255 } } },
        targets: { digit: { column: "label" } },
        network: { layers: [
          { type: "conv2d", name: "conv1", filters: 8, kernel_size: 3, padding: "same", activation: "relu" },
          { type: "max_pool2d", name: "pool", pool_size: 2 },
          { type: "flatten", name: "flat" },
          { type: "dense", name: "head", units: 10, activation: "softmax" },
        ] },
      },
      dataset: { name: "digits", split: { validation: 0.2, stratify: "label" } },
      training: { loss: "categorical_crossentropy", epochs: 20, batch_size: 32, seed: 1, optimizer: ADAM, metrics: ["accuracy"] },
    },
  },
  autoencoders: {
    title: "Stacked sparse autoencoders, a softmax layer, and fine-tuning",
    kind: "job",
    body: stacked({
      name: "stacked", dataset: "iris", columns: ["sepal_length", "sepal_width", "petal_length", "petal_width"],
      targets: { species: { column: "species" } }, head: { units: 3, activation: "softmax" }, loss: "categorical_crossentropy", metrics: ["accuracy"],
    }),
  },
  prices: {
    title: "Stacked sparse autoencoders, and a price",
    kind: "job",
    body: stacked({
      name: "stacked-prices", dataset: "houses", columns: ["area", "rooms", "age", "distance"],
      targets: { price: { column: "price", scale: "standard" } }, head: { units: 1 }, loss: "mse", metrics: ["rmse"],
    }),
  },
  perceptron: {
    title: "An AND gate, learned by the perceptron rule",
    kind: "job",
    body: {
      model: {
        name: "perceptron",
        inputs: { x: { columns: ["x1", "x2"] } },
        targets: { y: { column: "y" } },
        network: { layers: [{ type: "dense", name: "unit", units: 1, activation: "hardlim" }] },
      },
      dataset: { name: "and" },
      training: { loss: "mae", optimizer: "perceptron" },
    },
  },
  linear: {
    title: "Two linear layers, which equal one: see its warning",
    kind: "job",
    body: {
      model: {
        name: "stacked-linear",
        inputs: { x: { columns: ["x1", "x2"] } },
        targets: { y: { column: "y" } },
        network: { layers: [
          { type: "dense", name: "hidden", units: 3, activation: "linear" },
          { type: "dense", name: "unit", units: 1, activation: "purelin" },
        ] },
      },
      dataset: { name: "and" },
      training: { loss: "mse", epochs: 20, batch_size: 4, seed: 1 },
    },
  },
};

/** What a page begins with that was asked for nothing. */
export const FIRST = "classical";
