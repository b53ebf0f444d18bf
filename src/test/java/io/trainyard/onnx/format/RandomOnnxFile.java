package io.trainyard.onnx.format;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Draws files operator by operator, with attributes and constants of which some are hostile. Their
 * input is x [n, ...row], their output y.
 */
public final class RandomOnnxFile {
  private static final long[] HOSTILE = {
    -1_000_000_000_000L,
    -1_000_000,
    -16,
    -2,
    -1,
    0,
    0,
    0,
    1,
    2,
    3,
    5,
    64,
    1_000_000,
    1L << 31,
    1L << 40
  };

  private final SplittableRandom random;
  private final StringBuilder words = new StringBuilder();
  private int constants;

  /** The row's axes, which the draft's operators expect. */
  private long[] row = {4};

  private boolean whole;

  public RandomOnnxFile(long seed) {
    random = new SplittableRandom(seed);
  }

  /** The axes of a row of x. */
  public long[] row() {
    return row.clone();
  }

  /** Whether x holds whole numbers. */
  public boolean isWhole() {
    return whole;
  }

  /** What was drawn, for people. */
  public String words() {
    return words.toString();
  }

  private boolean chance(double share) {
    return random.nextDouble() < share;
  }

  private long number(long good) {
    return chance(0.96) ? good : HOSTILE[random.nextInt(HOSTILE.length)];
  }

  private long[] numbers(long... good) {
    int count = chance(0.98) ? good.length : random.nextInt(6);
    long[] all = new long[count];
    for (int i = 0; i < count; i++) {
      all[i] = number(i < good.length ? good[i] : 1);
    }
    return all;
  }

  private float[] singles(int good) {
    int count = chance(0.96) ? good : random.nextInt(2 * good + 1);
    float[] all = new float[count];
    for (int i = 0; i < count; i++) {
      all[i] = chance(0.95) ? (float) random.nextDouble(-2, 2) : Float.NaN;
    }
    return all;
  }

  /** A row of four numbers, or an image of 4 × 6 × 6. */
  public byte[] draw() {
    boolean image = chance(0.4);
    row = image ? new long[] {4, 6, 6} : new long[] {4};
    whole = !image && chance(0.3);
    int type = whole ? OnnxTypes.INT64 : 1;
    OnnxDraft draft = new OnnxDraft(17);
    long[] axes = new long[row.length + 1];
    axes[0] = -1;
    System.arraycopy(row, 0, axes, 1, row.length);
    draft.input("x", type, axes);
    int count = 1 + random.nextInt(3);
    String value = "x";
    for (int i = 0; i < count; i++) {
      String next = "v" + i;
      if (image) {
        image(draft, value, next);
      } else if (whole) {
        whole(draft, value, next);
      } else {
        row(draft, value, next);
      }
      value = next;
    }
    // Whatever its shape is, one number for each row.
    draft.wholes("last", List.of(1L), 1);
    draft.node("Flatten", List.of(value), List.of("flat"), "axis", 1);
    draft.node("ReduceSum", List.of("flat", "last"), List.of("y"));
    return draft.output("y", type, -1, 1).toBytes();
  }

  private void node(
      OnnxDraft draft, String operator, List<String> inputs, String output, Object... attributes) {
    words.append(operator);
    for (Object each : attributes) {
      words
          .append(' ')
          .append(
              each instanceof long[] longs
                  ? Arrays.toString(longs)
                  : each instanceof float[] floats ? floats.length + " floats" : each);
    }
    words.append("; ");
    draft.node(operator, inputs, List.of(output), attributes);
  }

  private String wholes(OnnxDraft draft, long... values) {
    String name = "c" + constants++;
    draft.wholes(name, List.of((long) values.length), values);
    words.append(name).append('=').append(Arrays.toString(values)).append(' ');
    return name;
  }

  private String floats(OnnxDraft draft, long... dims) {
    String name = "c" + constants++;
    List<Long> shape = new ArrayList<>();
    long count = 1;
    for (long dim : dims) {
      shape.add(dim);
      count *= dim;
    }
    draft.floats(name, shape, singles((int) count));
    return name;
  }

  private void image(OnnxDraft draft, String x, String y) {
    switch (random.nextInt(10)) {
      case 0 -> node(draft, "MaxPool", List.of(x), y, window("storage_order", number(0)));
      case 1 -> node(draft, "AveragePool", List.of(x), y, window("count_include_pad", number(0)));
      case 2 -> node(draft, "LpPool", List.of(x), y, window("p", number(2)));
      case 3 ->
          node(draft, "Conv", List.of(x, floats(draft, 4, 2, 2, 2)), y, window("group", number(2)));
      case 4 ->
          node(
              draft,
              "ConvTranspose",
              List.of(x, floats(draft, 4, 2, 2, 2)),
              y,
              window("output_padding", numbers(0, 0)));
      case 5 -> node(draft, "DepthToSpace", List.of(x), y, "blocksize", number(2));
      case 6 -> node(draft, "SpaceToDepth", List.of(x), y, "blocksize", number(2));
      case 7 ->
          node(
              draft,
              "LRN",
              List.of(x),
              y,
              "size",
              number(3),
              "alpha",
              0.1f,
              "beta",
              chance(0.9) ? 0.7f : Float.NaN);
      case 8 ->
          node(
              draft,
              "RoiAlign",
              List.of(x, floats(draft, 2, 4), wholes(draft, number(0), number(0))),
              y,
              "output_height",
              number(2),
              "output_width",
              number(2),
              "sampling_ratio",
              number(2));
      default -> node(draft, "Transpose", List.of(x), y, "perm", numbers(0, 2, 3, 1));
    }
  }

  private Object[] window(String name, Object value) {
    return new Object[] {
      "kernel_shape",
      numbers(2, 2),
      "strides",
      numbers(1, 1),
      "pads",
      numbers(0, 0, 0, 0),
      "dilations",
      numbers(1, 1),
      name,
      value
    };
  }

  private void whole(OnnxDraft draft, String x, String y) {
    switch (random.nextInt(8)) {
      case 0 -> node(draft, "Div", List.of(x, wholes(draft, number(3))), y);
      case 1 -> node(draft, "Mod", List.of(x, wholes(draft, number(3))), y);
      case 2 -> node(draft, "Div", List.of(wholes(draft, 10), x), y);
      case 3 ->
          node(
              draft,
              "Gather",
              List.of(x, wholes(draft, number(0), number(1))),
              y,
              "axis",
              number(1));
      case 4 ->
          node(
              draft,
              "Slice",
              List.of(
                  x,
                  wholes(draft, number(0)),
                  wholes(draft, number(3)),
                  wholes(draft, number(1)),
                  wholes(draft, number(1))),
              y);
      case 5 -> node(draft, "GatherElements", List.of(x, x), y, "axis", number(1));
      case 6 ->
          node(
              draft,
              "TfIdfVectorizer",
              List.of(x),
              y,
              "mode",
              "TF",
              "min_gram_length",
              number(1),
              "max_gram_length",
              number(2),
              "max_skip_count",
              number(0),
              "ngram_counts",
              numbers(0, 3),
              "ngram_indexes",
              numbers(0, 1, 2, 3),
              "pool_int64s",
              new long[] {1, 2, 3, 1, 2});
      default -> node(draft, "CumSum", List.of(x, wholes(draft, number(1))), y);
    }
  }

  private void row(OnnxDraft draft, String x, String y) {
    String ml = "ai.onnx.ml.";
    switch (random.nextInt(12)) {
      case 0, 1, 2 -> tree(draft, x, y);
      case 3 ->
          node(
              draft,
              ml + "SVMRegressor",
              List.of(x),
              y,
              "kernel_type",
              chance(0.5) ? "RBF" : "POLY",
              "kernel_params",
              singles(3),
              "n_supports",
              number(2),
              "support_vectors",
              singles(8),
              "coefficients",
              singles(2),
              "rho",
              singles(1));
      case 4 ->
          node(
              draft,
              ml + "SVMClassifier",
              List.of(x),
              y,
              "kernel_type",
              "RBF",
              "kernel_params",
              singles(3),
              "classlabels_ints",
              new long[] {0, 1},
              "vectors_per_class",
              numbers(1, 1),
              "support_vectors",
              singles(8),
              "coefficients",
              singles(2),
              "rho",
              singles(1));
      case 5 ->
          node(
              draft,
              ml + "LinearRegressor",
              List.of(x),
              y,
              "coefficients",
              singles(8),
              "intercepts",
              singles(2),
              "targets",
              number(2));
      case 6 ->
          node(
              draft,
              ml + "LinearClassifier",
              List.of(x),
              y,
              "coefficients",
              singles(8),
              "intercepts",
              singles(2),
              "classlabels_ints",
              new long[] {0, 1});
      case 7 ->
          node(draft, ml + "Scaler", List.of(x), y, "offset", singles(4), "scale", singles(4));
      case 8 ->
          node(
              draft,
              ml + "ArrayFeatureExtractor",
              List.of(x, wholes(draft, number(0), number(3))),
              y);
      case 9 -> node(draft, "Softmax", List.of(x), y, "axis", number(1));
      case 10 ->
          node(
              draft,
              "TopK",
              List.of(x, wholes(draft, number(2))),
              y,
              "axis",
              number(1),
              "largest",
              number(1));
      default ->
          node(
              draft,
              "Pad",
              List.of(x, wholes(draft, number(0), number(1), number(0), number(1))),
              y);
    }
  }

  private void tree(OnnxDraft draft, String x, String y) {
    node(
        draft,
        "ai.onnx.ml.TreeEnsembleRegressor",
        List.of(x),
        y,
        "nodes_treeids",
        numbers(0, 0, 0, 0, 0),
        "nodes_nodeids",
        numbers(0, 1, 2, 3, 4),
        "nodes_featureids",
        numbers(0, 0, 1, 0, 0),
        "nodes_modes",
        List.of("BRANCH_LEQ", "LEAF", chance(0.9) ? "BRANCH_GT" : "LEAF", "LEAF", "LEAF"),
        "nodes_values",
        singles(5),
        "nodes_truenodeids",
        numbers(1, 0, 3, 0, 0),
        "nodes_falsenodeids",
        numbers(2, 0, 4, 0, 0),
        "target_treeids",
        numbers(0, 0, 0),
        "target_nodeids",
        numbers(1, 3, 4),
        "target_ids",
        numbers(0, 0, 0),
        "target_weights",
        singles(3),
        "n_targets",
        number(1));
  }
}
