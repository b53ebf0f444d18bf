package io.trainyard.onnx.format;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What attributes and constants of operators must be. ONNX Runtime computes with many of them
 * without a check: it divides by a stride of 0, and reads memory before a row for a feature id
 * below 0. What only the rows decide, such as a division by one of their values, is not seen here.
 *
 * <p>Source: the definitions of the operators, onnx/docs/Operators.md and Operators-ml.md.
 */
final class OperatorRules {
  /** Beyond it, products of kernels and dilations leave 32 bits. */
  private static final long MOST_STEPS = 1 << 15;

  private static final long MOST = Integer.MAX_VALUE;
  private static final long MOST_AXES = OnnxFile.MOST_AXES;

  private OperatorRules() {}

  /** A range that an attribute's numbers must be in. */
  private record Range(long least, long most) {}

  /** By attribute, whichever operator has it. */
  private static final Map<String, Range> RANGES =
      Map.ofEntries(
          Map.entry("axes", new Range(-MOST_AXES, MOST_AXES)),
          Map.entry("axis", new Range(-MOST_AXES, MOST_AXES)),
          Map.entry("batch_axis", new Range(0, 1)),
          Map.entry("batch_dims", new Range(0, MOST_AXES)),
          Map.entry("block_size", new Range(0, MOST)),
          Map.entry("blocksize", new Range(1, MOST_STEPS)),
          Map.entry("ceil_mode", new Range(0, 1)),
          Map.entry("dilations", new Range(1, MOST_STEPS)),
          Map.entry("group", new Range(1, MOST)),
          Map.entry("hidden_size", new Range(1, MOST)),
          Map.entry("inputdimensions", new Range(0, MOST)),
          Map.entry("kernel_shape", new Range(1, MOST_STEPS)),
          Map.entry("kv_num_heads", new Range(1, MOST)),
          Map.entry("max_gram_length", new Range(1, MOST_STEPS)),
          Map.entry("max_skip_count", new Range(0, MOST_STEPS)),
          Map.entry("min_gram_length", new Range(1, MOST_STEPS)),
          Map.entry("n_supports", new Range(0, MOST)),
          Map.entry("n_targets", new Range(1, MOST)),
          Map.entry("new_axis", new Range(0, 1)),
          Map.entry("ngram_counts", new Range(0, MOST)),
          Map.entry("ngram_indexes", new Range(0, MOST)),
          Map.entry("num_groups", new Range(1, MOST)),
          Map.entry("num_heads", new Range(1, MOST)),
          Map.entry("num_outputs", new Range(1, MOST)),
          Map.entry("output_height", new Range(1, MOST_STEPS)),
          Map.entry("output_padding", new Range(0, MOST_STEPS)),
          Map.entry("output_shape", new Range(1, MOST)),
          Map.entry("output_width", new Range(1, MOST_STEPS)),
          Map.entry("p", new Range(1, MOST)),
          Map.entry("perm", new Range(0, MOST_AXES)),
          Map.entry("q_num_heads", new Range(1, MOST)),
          Map.entry("rotary_embedding_dim", new Range(0, MOST)),
          Map.entry("sampling_ratio", new Range(0, MOST_STEPS)),
          Map.entry("size", new Range(1, MOST_STEPS)),
          Map.entry("split", new Range(0, MOST)),
          Map.entry("storage_order", new Range(0, 1)),
          Map.entry("strides", new Range(1, MOST_STEPS)),
          Map.entry("targets", new Range(1, MOST)),
          Map.entry("time_axis", new Range(0, 1)),
          Map.entry("vectors_per_class", new Range(0, MOST)));

  /** Attributes with a number for each axis. */
  private static final Set<String> BY_AXIS =
      Set.of(
          "axes",
          "dilations",
          "ends",
          "kernel_shape",
          "output_padding",
          "output_shape",
          "pads",
          "perm",
          "scales",
          "shape",
          "starts",
          "strides");

  private static final Set<String> WITHOUT_INPUTS =
      Set.of("Constant", "Optional", "RandomNormal", "RandomUniform", "SequenceEmpty");

  /** How many inputs an operator must have where one is too few, in each of its versions. */
  private static final Map<Integer, Set<String>> INPUTS =
      Map.of(
          2,
          Set.of(
              "Add",
              "And",
              "ArrayFeatureExtractor",
              "BitShift",
              "BitwiseAnd",
              "BitwiseOr",
              "BitwiseXor",
              "CastLike",
              "Conv",
              "ConvInteger",
              "ConvTranspose",
              "CumSum",
              "DequantizeLinear",
              "Div",
              "Equal",
              "Expand",
              "Gather",
              "GatherElements",
              "GatherND",
              "Gemm",
              "Greater",
              "GreaterOrEqual",
              "LayerNormalization",
              "Less",
              "LessOrEqual",
              "MatMul",
              "MatMulInteger",
              "Mod",
              "Mul",
              "Or",
              "PRelu",
              "Pow",
              "QuantizeLinear",
              "Sub",
              "Tile",
              "Xor"),
          3,
          Set.of(
              "GRU",
              "GroupNormalization",
              "InstanceNormalization",
              "LSTM",
              "OneHot",
              "RNN",
              "Range",
              "ScatterElements",
              "ScatterND",
              "Where"),
          5,
          Set.of("BatchNormalization"),
          8,
          Set.of("QLinearConv", "QLinearMatMul"));

  /** By operator, what its attributes must be to each other. */
  private static void ofOperator(Check check) {
    switch (check.node.operator()) {
      case "Conv", "ConvInteger", "QLinearConv", "ConvTranspose", "DeformConv" -> {
        check.pads(0);
        check.window(check.kernelAxes());
        check.groups();
      }
      case "AveragePool", "MaxPool", "LpPool", "MaxUnpool" -> {
        check.pads(0);
        check.window(check.node.integers("kernel_shape").length);
      }
      case "Pad" -> check.pads(-MOST_STEPS);
      case "Transpose" -> check.permutation();
      case "Div", "Mod" -> check.divisor(1);
      case "Slice" -> check.nonZero(4, "steps");
      case "STFT" -> check.least(1, 1, "frame step");
      case "MelWeightMatrix" -> {
        check.least(0, 1, "number of bins");
        check.least(1, 1, "length");
        check.least(2, 1, "sample rate");
      }
      case "ArrayFeatureExtractor" -> check.indices(1);
      case "LinearClassifier" -> check.linear(check.classes());
      case "LinearRegressor" -> check.linear(check.node.integer("targets", 1));
      case "Scaler" -> {
        check.columns("offset");
        check.columns("scale");
      }
      case "Imputer" -> {
        check.columns("imputed_value_floats");
        check.columns("imputed_value_int64s");
      }
      case "SVMClassifier" -> check.supportVectorClassifier();
      case "SVMRegressor" -> check.supportVectorRegressor();
      case "TfIdfVectorizer" -> check.ngrams();
      case "TreeEnsembleClassifier" ->
          TreeRules.classic(check.node, check.columnCount(), "class", check.classes(), check.fault);
      case "TreeEnsembleRegressor" ->
          TreeRules.classic(
              check.node,
              check.columnCount(),
              "target",
              check.node.integer("n_targets", 1),
              check.fault);
      case "TreeEnsemble" -> TreeRules.flat(check.node, check.columnCount(), check.fault);
      default -> {}
    }
  }

  /** Tells what is wrong with an operator. */
  static void check(Node node, KnownValues known, Consumer<String> faults) {
    Check check = new Check(node, known, faults);
    if (!check.hasInputs() || !check.hasShortLists()) {
      return;
    }
    for (String attribute : node.attributes().keySet()) {
      Range range = RANGES.get(attribute);
      if (range != null) {
        check.range(attribute, node.integers(attribute), range);
      }
    }
    ofOperator(check);
  }

  /** The check of one operator. */
  private static final class Check {
    private final Node node;
    private final KnownValues known;
    private final Consumer<String> fault;

    Check(Node node, KnownValues known, Consumer<String> faults) {
      this.node = node;
      this.known = known;
      this.fault = text -> faults.accept("its operator " + node.title() + " has " + text);
    }

    boolean hasInputs() {
      String operator = node.operator();
      int least = WITHOUT_INPUTS.contains(operator) ? 0 : 1;
      for (Map.Entry<Integer, Set<String>> each : INPUTS.entrySet()) {
        least = each.getValue().contains(operator) ? each.getKey() : least;
      }
      for (int i = 0; i < least; i++) {
        if (node.input(i).isEmpty()) {
          fault.accept("no input %d; it needs %d".formatted(i, least));
          return false;
        }
      }
      return true;
    }

    /** Whether there are not more numbers than axes can have; longer ones are not decoded. */
    boolean hasShortLists() {
      for (String attribute : node.attributes().keySet()) {
        long most = attribute.equals("pads") ? 2 * MOST_AXES : MOST_AXES;
        if (BY_AXIS.contains(attribute) && node.count(attribute) > most) {
          fault.accept(
              "%d numbers in %s; at most %d are possible"
                  .formatted(node.count(attribute), attribute, most));
          return false;
        }
      }
      return true;
    }

    void range(String attribute, long[] values, Range range) {
      for (long value : values) {
        if (value < range.least() || value > range.most()) {
          fault.accept(
              "%s %d; from %d to %d is possible"
                  .formatted(attribute, value, range.least(), range.most()));
          return;
        }
      }
    }

    private void require(boolean holds, String text) {
      if (!holds) {
        fault.accept(text);
      }
    }

    void pads(long least) {
      range("pads", node.integers("pads"), new Range(least, MOST_STEPS));
    }

    /** The axes of a kernel; −1 when the file does not say it. */
    int kernelAxes() {
      int given = node.integers("kernel_shape").length;
      Constant weights = known.constant(node.input(weightsInput()));
      return weights == null ? (given == 0 ? -1 : given) : weights.dims().size() - 2;
    }

    private int weightsInput() {
      return node.operator().equals("QLinearConv") ? 3 : 1;
    }

    /** One number for each axis of the kernel, and two pads. */
    void window(int axes) {
      for (String attribute : List.of("kernel_shape", "strides", "dilations", "output_padding")) {
        int count = node.integers(attribute).length;
        require(
            axes < 0 || count == 0 || count == axes,
            "%d numbers in %s, but the kernel has %d axes".formatted(count, attribute, axes));
      }
      int pads = node.integers("pads").length;
      require(
          axes < 0 || pads == 0 || pads == 2 * axes,
          "%d numbers in pads, but the kernel has %d axes, each with two".formatted(pads, axes));
      if (!node.operator().equals("ConvTranspose")) {
        return;
      }
      long[] padding = node.integers("output_padding");
      long[] strides = node.integers("strides");
      for (int axis = 0; axis < padding.length; axis++) {
        require(
            padding[axis] < (axis < strides.length ? strides[axis] : 1),
            "an output_padding as large as its stride, which ONNX Runtime computes wrongly");
      }
    }

    void groups() {
      long groups = node.integer("group", 1);
      Constant weights = known.constant(node.input(weightsInput()));
      if (groups > 1 && weights != null && !weights.dims().isEmpty()) {
        require(
            weights.dims().getFirst() % groups == 0,
            "group %d, which does not divide the %d channels of its weights"
                .formatted(groups, weights.dims().getFirst()));
      }
    }

    void permutation() {
      long[] axes = node.integers("perm");
      long[] sorted = axes.clone();
      Arrays.sort(sorted);
      for (int i = 0; i < sorted.length; i++) {
        if (sorted[i] != i) {
          fault.accept(
              "perm %s, which is no order of axes"
                  .formatted(OnnxFile.shown(Arrays.toString(axes))));
          return;
        }
      }
    }

    /** Division of whole numbers by 0, or of the smallest number by −1, ends a process. */
    void divisor(int input) {
      for (long value : known.integers(node.input(input))) {
        if (value == 0 || value == -1) {
          fault.accept("the whole number %d as a divisor".formatted(value));
          return;
        }
      }
    }

    void nonZero(int input, String what) {
      for (long value : known.integers(node.input(input))) {
        require(value != 0, "0 in its %s".formatted(what));
      }
    }

    void least(int input, long least, String what) {
      for (long value : known.integers(node.input(input))) {
        require(
            value >= least, "a %s of %d; at least %d is possible".formatted(what, value, least));
      }
    }

    void indices(int input) {
      long columns = columnCount();
      for (long value : known.integers(node.input(input))) {
        if (value < 0 || (columns >= 0 && value >= columns)) {
          fault.accept(
              "the index %d; a row has %s columns"
                  .formatted(value, columns < 0 ? "no such" : String.valueOf(columns)));
          return;
        }
      }
    }

    /** The columns of a row; −1 when the file does not say it. */
    long columnCount() {
      return known.lastAxis(node.input(0));
    }

    /** How many labels a classifier has. */
    long classes() {
      long most = 0;
      for (String attribute :
          List.of("classlabels_int64s", "classlabels_ints", "classlabels_strings")) {
        most = Math.max(most, node.count(attribute));
      }
      return most;
    }

    /** One number, or one for each column. */
    void columns(String attribute) {
      int count = node.count(attribute);
      long columns = columnCount();
      require(
          count <= 1 || columns < 0 || count == columns,
          "%d numbers in %s, but a row has %d columns".formatted(count, attribute, columns));
    }

    void linear(long outputs) {
      int coefficients = node.count("coefficients");
      int intercepts = node.count("intercepts");
      long columns = columnCount();
      // One set of coefficients decides between two classes.
      boolean one = coefficients == columns && intercepts <= 1;
      require(
          outputs > 0 && coefficients > 0 && (one || coefficients % outputs == 0),
          "%d coefficients for %d outputs".formatted(coefficients, outputs));
      require(
          one || columns < 0 || coefficients == outputs * columns,
          "%d coefficients, but %d outputs of %d columns"
              .formatted(coefficients, outputs, columns));
      require(
          one || intercepts == 0 || intercepts == outputs,
          "%d intercepts for %d outputs".formatted(intercepts, outputs));
    }

    private void vectors(long count) {
      int numbers = node.count("support_vectors");
      long columns = columnCount();
      require(
          count == 0 ? numbers == 0 : numbers > 0 && numbers % count == 0,
          "%d numbers in support_vectors for %d vectors".formatted(numbers, count));
      require(
          count == 0 || columns < 0 || numbers == count * columns,
          "%d numbers in support_vectors for %d vectors of %d columns"
              .formatted(numbers, count, columns));
      kernel();
    }

    private void kernel() {
      int parameters = node.count("kernel_params");
      require(
          parameters == 0 || parameters == 3,
          "%d kernel_params instead of 3".formatted(parameters));
    }

    void supportVectorRegressor() {
      long count = node.integer("n_supports", 0);
      int coefficients = node.count("coefficients");
      long wanted = count == 0 ? columnCount() : count;
      vectors(count);
      require(
          wanted < 0 || coefficients == wanted,
          "%d coefficients, but %d are needed".formatted(coefficients, wanted));
      require(node.count("rho") >= 1, "no rho");
    }

    void supportVectorClassifier() {
      long[] perClass = node.integers("vectors_per_class");
      long count = Arrays.stream(perClass).sum();
      int classes = (int) classes();
      int coefficients = node.count("coefficients");
      if (count == 0) {
        long columns = columnCount();
        require(
            columns < 0 || coefficients == classes * columns,
            "%d coefficients for %d classes of %d columns"
                .formatted(coefficients, classes, columns));
        require(node.count("rho") >= 1, "no rho");
        kernel();
        return;
      }
      vectors(count);
      long pairs = (long) classes * (classes - 1) / 2;
      require(
          perClass.length == classes,
          "%d numbers in vectors_per_class for %d classes".formatted(perClass.length, classes));
      require(
          coefficients == (classes - 1L) * count,
          "%d coefficients, but %d classes with %d vectors need %d"
              .formatted(coefficients, classes, count, (classes - 1L) * count));
      require(
          node.count("rho") == pairs,
          "%d numbers in rho for %d pairs".formatted(node.count("rho"), pairs));
      for (String attribute : List.of("prob_a", "prob_b")) {
        int given = node.count(attribute);
        require(
            given == 0 || given == pairs,
            "%d numbers in %s for %d pairs".formatted(given, attribute, pairs));
      }
      require(
          node.count("prob_a") == node.count("prob_b"), "prob_a and prob_b of different lengths");
    }

    void ngrams() {
      int pool = Math.max(node.count("pool_int64s"), node.count("pool_strings"));
      long before = 0;
      for (long start : node.integers("ngram_counts")) {
        require(
            start >= before && start <= pool,
            "ngram_counts that do not lead through its pool of %d".formatted(pool));
        before = start;
      }
      int weights = node.count("weights");
      int indexes = node.integers("ngram_indexes").length;
      require(
          weights == 0 || weights == indexes,
          "%d weights for %d n-grams".formatted(weights, indexes));
    }
  }
}
