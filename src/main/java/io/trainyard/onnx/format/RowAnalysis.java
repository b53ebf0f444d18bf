package io.trainyard.onnx.format;

import io.trainyard.onnx.format.RowFlow.Count;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Shows that each row of a file's outputs follows from the same row of its inputs alone, whatever
 * other rows lie beside it. It follows the axis of the rows through all operators. An operator
 * without a rule may mix rows, so what follows from its outputs is not shown. Source: the
 * definitions of the operators, onnx/docs/Operators.md and Operators-ml.md.
 */
final class RowAnalysis {
  /** Operators that compute each element from those at its place. */
  private static final Set<String> ELEMENTWISE =
      Set.of(
          "Abs",
          "Acos",
          "Acosh",
          "Add",
          "And",
          "Asin",
          "Asinh",
          "Atan",
          "Atanh",
          "BitShift",
          "BitwiseAnd",
          "BitwiseNot",
          "BitwiseOr",
          "BitwiseXor",
          "Ceil",
          "Celu",
          "Clip",
          "Cos",
          "Cosh",
          "Div",
          "Elu",
          "Equal",
          "Erf",
          "Exp",
          "Floor",
          "Gelu",
          "Greater",
          "GreaterOrEqual",
          "HardSigmoid",
          "HardSwish",
          "Identity",
          "IsInf",
          "IsNaN",
          "LeakyRelu",
          "Less",
          "LessOrEqual",
          "Log",
          "Max",
          "Mean",
          "Min",
          "Mish",
          "Mod",
          "Mul",
          "Neg",
          "Not",
          "Or",
          "PRelu",
          "Pow",
          "Reciprocal",
          "Relu",
          "Round",
          "Selu",
          "Shrink",
          "Sigmoid",
          "Sign",
          "Sin",
          "Sinh",
          "Softplus",
          "Softsign",
          "Sqrt",
          "Sub",
          "Sum",
          "Tan",
          "Tanh",
          "ThresholdedRelu",
          "Where",
          "Xor",
          "Cast");

  private static final Set<String> REDUCTIONS =
      Set.of(
          "ReduceL1",
          "ReduceL2",
          "ReduceLogSum",
          "ReduceLogSumExp",
          "ReduceMax",
          "ReduceMean",
          "ReduceMin",
          "ReduceProd",
          "ReduceSum",
          "ReduceSumSquare");

  /** How Resize finds its elements; each keeps those of an axis whose length stays. */
  private static final Set<String> PLACES =
      Set.of(
          "align_corners",
          "asymmetric",
          "half_pixel",
          "half_pixel_symmetric",
          "pytorch_half_pixel");

  /** By operator, the input that says a shape. */
  private static final Map<String, Integer> SHAPES =
      Map.of("Reshape", 1, "Expand", 1, "ConstantOfShape", 0, "Resize", 3);

  /** A network of 10,000 operators with 4 axes has less than a hundredth of it. */
  private static final long MOST_FOLLOWED = 16_000_000;

  private final long opset;
  private final Map<String, RowFlow> values = new HashMap<>();

  /** Values whose numbers, if they are whole, may have 32 bits. */
  private final Set<String> narrow = new HashSet<>();

  /** Numbers that were read and written so far, to limit time and memory. */
  private long followed;

  /** By value that is not shown, the first operator on the way to it that may mix rows. */
  private final Map<String, String> doubts = new HashMap<>();

  /**
   * @param inputs by name, the lengths of their rows
   */
  private RowAnalysis(long opset, Map<String, Constant> constants, Map<String, long[]> inputs) {
    this.opset = opset;
    inputs.forEach((name, row) -> values.put(name, RowFlow.rows(batch(row))));
    constants.forEach(
        (name, constant) -> {
          values.put(name, RowFlow.of(constant));
          if (constant.type() == OnnxTypes.INT32) {
            narrow.add(name);
          }
        });
  }

  /**
   * The first operator that may mix rows on the way to one of these outputs; null when no row
   * follows from another one.
   *
   * @param inputs by name, the lengths of their rows
   * @param outputs by name, the lengths of their rows
   */
  static @Nullable String doubt(
      long opset,
      Map<String, Constant> constants,
      List<Node> nodes,
      Map<String, long[]> inputs,
      Map<String, long[]> outputs) {
    RowAnalysis analysis = new RowAnalysis(opset, constants, inputs);
    for (Node node : nodes) {
      analysis.follow(node);
      if (analysis.followed > MOST_FOLLOWED) {
        return "the file is too large to follow";
      }
    }
    for (Map.Entry<String, long[]> output : outputs.entrySet()) {
      String name = output.getKey();
      RowFlow value = analysis.values.getOrDefault(name, RowFlow.MIXED);
      if (!value.isAnswer() || !Arrays.equals(value.shape(), batch(output.getValue()))) {
        return analysis.doubts.getOrDefault(name, "the output '" + OnnxFile.shown(name) + "'");
      }
    }
    return null;
  }

  private static long[] batch(long[] row) {
    long[] dims = new long[row.length + 1];
    dims[0] = 1;
    System.arraycopy(row, 0, dims, 1, row.length);
    return dims;
  }

  private void follow(Node node) {
    List<RowFlow> given = new ArrayList<>();
    String doubt = null;
    for (String input : node.inputs()) {
      if (!input.isEmpty()) {
        RowFlow value = values.getOrDefault(input, RowFlow.MIXED);
        given.add(value);
        followed += 1 + value.rank();
        doubt = value.isMixed() && doubt == null ? doubts.getOrDefault(input, "") : doubt;
      }
    }
    List<RowFlow> results = doubt == null ? results(node, given) : List.of();
    boolean fixed = given.stream().allMatch(RowFlow::isFixed);
    for (int i = 0; i < node.outputs().size(); i++) {
      String output = node.outputs().get(i);
      RowFlow result = i < results.size() ? results.get(i) : RowFlow.MIXED;
      if (result.isMixed() && fixed) {
        result = RowFlow.FIXED;
      }
      if (result.isMixed()) {
        doubts.put(output, doubt == null ? "the operator " + node.title() : doubt);
      }
      values.put(output, result);
      followed += 1 + result.rank();
    }
  }

  /** Whether the whole numbers that an operator gives have 32 bits. */
  private boolean isNarrow(Node node) {
    if (node.operator().equals("Cast")) {
      return node.integer("to", 0) == OnnxTypes.INT32;
    }
    Constant value = node.tensor("value");
    return value == null
        ? node.inputs().stream().anyMatch(narrow::contains)
        : value.type() == OnnxTypes.INT32;
  }

  private List<RowFlow> results(Node node, List<RowFlow> given) {
    try {
      return node.saysTwice() ? List.of() : new Operator(node, given).results();
    } catch (RuntimeException e) {
      return List.of(); // no operator is like this, so ONNX Runtime refuses it
    }
  }

  /** One operator with its inputs. */
  private final class Operator {
    private final Node node;
    private final List<RowFlow> given;

    Operator(Node node, List<RowFlow> given) {
      this.node = node;
      this.given = given;
    }

    /** An input; null when it is left out. */
    private @Nullable RowFlow input(int index) {
      String name = node.input(index);
      return name.isEmpty() ? null : values.get(name);
    }

    private RowFlow x() {
      RowFlow first = input(0);
      return first == null ? RowFlow.MIXED : first;
    }

    private boolean othersAreFixed(int... exceptions) {
      for (int i = 1; i < node.inputs().size(); i++) {
        RowFlow other = input(i);
        int place = i;
        if (other != null
            && !other.isFixed()
            && Arrays.stream(exceptions).noneMatch(each -> each == place)) {
          return false;
        }
      }
      return true;
    }

    /** The whole numbers of an attribute, or of an input that took its place; null when unknown. */
    private long @Nullable [] numbers(String attribute, int index) {
      if (node.has(attribute)) {
        return node.integers(attribute);
      }
      return numbers(index);
    }

    /** The whole numbers of an input; none when it is left out, null when they are unknown. */
    private long @Nullable [] numbers(int index) {
      RowFlow list = input(index);
      return list == null ? new long[0] : list.numbers();
    }

    /** A single whole number of an input. */
    private @Nullable Long number(int index) {
      RowFlow value = input(index);
      long[] numbers = value == null ? null : value.numbers();
      return numbers == null || numbers.length != 1 ? null : Long.valueOf(numbers[0]);
    }

    List<RowFlow> results() {
      String operator = node.operator();
      boolean isNarrow = isNarrow(node);
      if (isNarrow) {
        narrow.addAll(node.outputs());
      }
      if (operator.equals("Constant")) {
        return List.of(constant());
      }
      RowFlow counted = new CountRules(node, given, isNarrow).result();
      if (counted != null) {
        return List.of(counted);
      }
      int place = SHAPES.getOrDefault(operator, -1);
      for (int i = 0; i < node.inputs().size(); i++) {
        RowFlow value = input(i);
        if (value != null && value.countsRows() && i != place) {
          return List.of(); // it computes with the number of rows
        }
      }
      if (!node.domain().isEmpty() && !node.domain().equals("ai.onnx")) {
        return ofClassicalModels();
      }
      if (ELEMENTWISE.contains(operator)) {
        return List.of(RowFlow.broadcast(given));
      }
      if (REDUCTIONS.contains(operator)) {
        return List.of(reduced());
      }
      RowFlow x = x();
      return switch (operator) {
        case "CastLike" -> List.of(othersAreFixed() ? x.plain() : RowFlow.MIXED);
        case "Dropout" -> List.of(dropout(x));
        case "MatMul" -> List.of(product(x, input(1)));
        case "MatMulInteger" -> {
          boolean scalars = isFixedScalar(2) && isFixedScalar(3);
          yield List.of(scalars ? product(x, input(1)) : RowFlow.MIXED);
        }
        case "QLinearMatMul" -> {
          boolean scalars =
              isFixedScalar(1) && isFixedScalar(2) && isFixedScalar(6) && isFixedScalar(7);
          yield List.of(scalars && isFixed(4) && isFixed(5) ? product(x, input(3)) : RowFlow.MIXED);
        }
        case "Gemm" -> List.of(gemm(x));
        case "Einsum" -> List.of(einsum());
        case "Conv" -> List.of(convolution(x, input(1)));
        case "ConvInteger" ->
            List.of(
                isFixedScalar(2) && isFixedScalar(3) ? convolution(x, input(1)) : RowFlow.MIXED);
        case "QLinearConv" -> List.of(convolution(x, input(3)));
        case "ConvTranspose" -> List.of(transposedConvolution(x));
        case "AveragePool", "MaxPool", "LpPool" ->
            List.of(window(x, x.rank() > 1 ? x.shape()[1] : 0, node.integers("kernel_shape")));
        case "GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool" -> List.of(globalPool(x));
        case "BatchNormalization" -> List.of(batchNormalization(x));
        case "InstanceNormalization", "GroupNormalization", "LRN" ->
            List.of(x.axis() == 0 && othersAreFixed() ? x.plain() : RowFlow.MIXED);
        case "LayerNormalization", "RMSNormalization" -> List.of(normalizedBehind(x, -1));
        case "MeanVarianceNormalization" -> {
          long[] axes = node.has("axes") ? node.integers("axes") : new long[] {0, 2, 3};
          yield List.of(Arrays.stream(axes).allMatch(axis -> isOther(x, axis)) ? x : RowFlow.MIXED);
        }
        case "LpNormalization" -> List.of(along(x, -1));
        case "Softmax", "LogSoftmax", "Hardmax" ->
            List.of(opset >= 13 ? along(x, -1) : normalizedBehind(x, 1));
        case "ArgMax", "ArgMin" -> List.of(winner(x));
        case "TopK" -> top(x);
        case "CumSum" -> {
          Long axis = number(1);
          yield List.of(axis != null && isOther(x, axis) ? x.plain() : RowFlow.MIXED);
        }
        case "OneHot" -> List.of(oneHot(x));
        case "Transpose" -> List.of(x.transpose(node.integers("perm")));
        case "Reshape" -> List.of(reshape(x));
        case "Flatten" -> List.of(flatten(x));
        case "Squeeze" -> List.of(squeeze(x));
        case "Unsqueeze" -> List.of(unsqueeze(x));
        case "Concat" -> List.of(concat());
        case "Split" -> split(x);
        case "Slice" -> List.of(slice(x));
        case "Gather" -> List.of(gather(x));
        case "GatherElements" -> List.of(gatherElements(x));
        case "GatherND" -> List.of(gatherNd(x));
        case "Expand" -> {
          RowFlow shape = input(1);
          List<Count> target = shape == null ? null : shape.counts();
          yield List.of(target == null ? RowFlow.MIXED : x.expand(target));
        }
        case "ConstantOfShape" -> List.of(constantOfShape(x));
        case "Pad" -> List.of(pad(x));
        case "Tile" -> List.of(tile(x));
        case "Trilu" -> {
          boolean whole = isOther(x, -1) && isOther(x, -2) && othersAreFixed();
          yield List.of(whole ? x.plain() : RowFlow.MIXED);
        }
        case "DepthToSpace" -> List.of(blocks(x, false));
        case "SpaceToDepth" -> List.of(blocks(x, true));
        case "Resize" -> List.of(resize(x));
        case "QuantizeLinear", "DequantizeLinear" -> List.of(quantized(x));
        case "LSTM", "GRU", "RNN" -> recurrent(x);
        default -> List.of();
      };
    }

    private RowFlow constant() {
      Constant tensor = node.tensor("value");
      if (tensor != null) {
        return RowFlow.of(tensor);
      }
      if (node.has("value_int")) {
        return RowFlow.scalar(Count.of(node.integer("value_int", 0)));
      }
      if (node.has("value_ints")) {
        int count = node.count("value_ints");
        if (count > CountRules.MOST) {
          return RowFlow.fixed(count);
        }
        return RowFlow.list(
            Arrays.stream(node.integers("value_ints")).mapToObj(Count::of).toList());
      }
      return node.has("value_float") ? RowFlow.fixed() : RowFlow.FIXED;
    }

    private boolean isFixed(int index) {
      RowFlow value = input(index);
      return value == null || value.isFixed();
    }

    private boolean isFixedScalar(int index) {
      RowFlow value = input(index);
      return value == null || value.isFixedScalar();
    }

    /** Whether an axis is there and is not that of the rows. */
    private boolean isOther(RowFlow x, long axis) {
      int place = x.place(axis);
      return place >= 0 && place != x.axis();
    }

    private RowFlow along(RowFlow x, long otherwise) {
      return isOther(x, node.integer("axis", otherwise)) ? x.plain() : RowFlow.MIXED;
    }

    /** What is computed over an axis and all behind it. */
    private RowFlow normalizedBehind(RowFlow x, long otherwise) {
      int axis = x.place(node.integer("axis", otherwise));
      return axis > x.axis() && othersAreFixed() ? x.plain() : RowFlow.MIXED;
    }

    private RowFlow dropout(RowFlow x) {
      RowFlow training = input(2);
      boolean draws = training != null && !Arrays.equals(training.numbers(), new long[] {0});
      return draws || opset < 7 ? RowFlow.MIXED : x.plain();
    }

    // Products

    private RowFlow product(RowFlow a, @Nullable RowFlow b) {
      if (b == null || !a.hasShape() || !b.hasShape() || a.rank() < 2 || b.rank() < 1) {
        return RowFlow.MIXED;
      }
      boolean vector = b.rank() == 1;
      RowFlow right = vector ? b.inserted(1, 1) : b;
      long rows = a.shape()[a.rank() - 2];
      long columns = right.shape()[right.rank() - 1];
      boolean contracted = a.axis() == a.rank() - 1 || right.axis() == right.rank() - 2;
      boolean within =
          a.axis() == a.rank() - 2 || (right.hasRows() && right.axis() == right.rank() - 1);
      if (contracted || (within && a.hasRows() && right.hasRows())) {
        return RowFlow.MIXED;
      }
      // The matrices' own axes have length 1 beside each other, so only those before are matched.
      RowFlow left = a.axis() == a.rank() - 1 ? a : a.resized(a.rank() - 1, 1);
      RowFlow above = a.axis() == a.rank() - 2 ? left : left.resized(a.rank() - 2, 1);
      RowFlow other = right.resized(right.rank() - 2, 1);
      RowFlow beside =
          right.axis() == right.rank() - 1 ? other : other.resized(right.rank() - 1, 1);
      RowFlow both = RowFlow.broadcast(List.of(above, beside));
      if (both.isMixed()) {
        return RowFlow.MIXED;
      }
      RowFlow result = both;
      if (result.axis() != result.rank() - 2) {
        result = result.resized(result.rank() - 2, rows);
      }
      if (result.axis() != result.rank() - 1) {
        result = result.resized(result.rank() - 1, columns);
      }
      return vector ? result.without(result.rank() - 1) : result;
    }

    private RowFlow gemm(RowFlow a) {
      RowFlow b = input(1);
      if (b == null || a.rank() != 2 || b.rank() != 2) {
        return RowFlow.MIXED;
      }
      long[] swapped = {1, 0};
      RowFlow product =
          product(
              node.integer("transA", 0) == 0 ? a : a.transpose(swapped),
              node.integer("transB", 0) == 0 ? b : b.transpose(swapped));
      RowFlow bias = input(2);
      return bias == null || product.isMixed()
          ? product
          : RowFlow.broadcast(List.of(product, bias));
    }

    private RowFlow einsum() {
      String equation = node.text("equation", "").replace(" ", "");
      int arrow = equation.indexOf("->");
      if (arrow < 0 || equation.contains(".")) {
        return RowFlow.MIXED;
      }
      List<String> terms = List.of(equation.substring(0, arrow).split(",", -1));
      String output = equation.substring(arrow + 2);
      if (terms.size() != given.size()) {
        return RowFlow.MIXED;
      }
      Map<Character, Long> lengths = new HashMap<>();
      Character rows = null;
      RowFlow like = null;
      for (int i = 0; i < terms.size(); i++) {
        RowFlow value = given.get(i);
        String term = terms.get(i);
        if (!value.hasShape() || value.countsRows() || term.length() != value.rank()) {
          return RowFlow.MIXED;
        }
        for (int axis = 0; axis < term.length(); axis++) {
          char letter = term.charAt(axis);
          Long known = lengths.putIfAbsent(letter, value.shape()[axis]);
          if (known != null && known != value.shape()[axis]) {
            return RowFlow.MIXED;
          }
        }
        if (value.hasRows()) {
          char letter = term.charAt(value.axis());
          if ((rows != null && rows != letter)
              || term.indexOf(letter) != term.lastIndexOf(letter)) {
            return RowFlow.MIXED;
          }
          if (like != null && !like.isSplitLike(value)) {
            return RowFlow.MIXED;
          }
          rows = letter;
          like = value;
        }
      }
      for (int i = 0; rows != null && i < terms.size(); i++) {
        if (!given.get(i).hasRows() && terms.get(i).indexOf(rows) >= 0) {
          return RowFlow.MIXED;
        }
      }
      long[] dims = new long[output.length()];
      for (int i = 0; i < dims.length; i++) {
        Long length = lengths.get(output.charAt(i));
        if (length == null) {
          return RowFlow.MIXED;
        }
        dims[i] = length;
      }
      if (rows == null || like == null) {
        return RowFlow.fixed(dims);
      }
      int axis = output.indexOf(rows);
      return axis < 0 || axis != output.lastIndexOf(rows) ? RowFlow.MIXED : like.at(axis, dims);
    }

    // Windows

    private RowFlow convolution(RowFlow x, @Nullable RowFlow kernel) {
      if (kernel == null || !othersAreFixed() || kernel.rank() < 3) {
        return RowFlow.MIXED;
      }
      return window(x, kernel.shape()[0], Arrays.copyOfRange(kernel.shape(), 2, kernel.rank()));
    }

    private RowFlow window(RowFlow x, long channels, long[] kernel) {
      int axes = kernel.length;
      if (x.axis() != 0 || axes == 0 || x.rank() != axes + 2 || node.integer("ceil_mode", 0) != 0) {
        return RowFlow.MIXED;
      }
      String padding = node.text("auto_pad", "NOTSET");
      long[] dims = x.shape().clone();
      dims[1] = channels;
      for (int i = 0; i < axes; i++) {
        long length = x.shape()[i + 2];
        long stride = at("strides", i, 1);
        long reach = (kernel[i] - 1) * at("dilations", i, 1) + 1;
        dims[i + 2] =
            switch (padding) {
              case "NOTSET" ->
                  (length + at("pads", i, 0) + at("pads", i + axes, 0) - reach) / stride + 1;
              case "VALID" -> (length - reach) / stride + 1;
              default -> Math.ceilDiv(length, stride);
            };
      }
      return x.with(dims);
    }

    private long at(String attribute, int index, long otherwise) {
      long[] numbers = node.integers(attribute);
      return index < numbers.length ? numbers[index] : otherwise;
    }

    private RowFlow transposedConvolution(RowFlow x) {
      RowFlow kernel = input(1);
      boolean plain = node.text("auto_pad", "NOTSET").equals("NOTSET") && !node.has("output_shape");
      if (kernel == null
          || !plain
          || x.axis() != 0
          || !othersAreFixed()
          || kernel.rank() < 3
          || x.rank() != kernel.rank()) {
        return RowFlow.MIXED;
      }
      long[] dims = x.shape().clone();
      dims[1] = kernel.shape()[1] * node.integer("group", 1);
      int axes = dims.length - 2;
      for (int i = 0; i < axes; i++) {
        dims[i + 2] =
            at("strides", i, 1) * (x.shape()[i + 2] - 1)
                + at("output_padding", i, 0)
                + (kernel.shape()[i + 2] - 1) * at("dilations", i, 1)
                + 1
                - at("pads", i, 0)
                - at("pads", i + axes, 0);
      }
      return x.with(dims);
    }

    private RowFlow globalPool(RowFlow x) {
      if (x.axis() != 0 || x.rank() < 2) {
        return RowFlow.MIXED;
      }
      long[] dims = x.shape().clone();
      Arrays.fill(dims, 2, dims.length, 1);
      return x.with(dims);
    }

    private RowFlow batchNormalization(RowFlow x) {
      boolean learns =
          node.integer("training_mode", 0) != 0
              || node.outputs().stream().skip(1).anyMatch(name -> !name.isEmpty())
              || opset < 7;
      return learns || x.axis() != 0 || x.rank() < 2 || !othersAreFixed()
          ? RowFlow.MIXED
          : x.plain();
    }

    // Along an axis

    private RowFlow reduced() {
      RowFlow x = x();
      long[] axes = numbers("axes", 1);
      if (axes == null || !x.hasShape()) {
        return RowFlow.MIXED;
      }
      if (axes.length == 0) {
        return node.integer("noop_with_empty_axes", 0) == 1 ? x.plain() : RowFlow.MIXED;
      }
      boolean keeps = node.integer("keepdims", 1) == 1;
      int[] places = Arrays.stream(axes).mapToInt(x::place).sorted().distinct().toArray();
      RowFlow result = x;
      for (int i = places.length - 1; i >= 0; i--) {
        if (places[i] < 0 || places[i] == x.axis()) {
          return RowFlow.MIXED;
        }
        result = keeps ? result.resized(places[i], 1) : result.without(places[i]);
      }
      return result.plain();
    }

    private RowFlow winner(RowFlow x) {
      int axis = x.place(node.integer("axis", 0));
      if (axis < 0 || axis == x.axis()) {
        return RowFlow.MIXED;
      }
      return node.integer("keepdims", 1) == 1 ? x.resized(axis, 1) : x.without(axis);
    }

    private List<RowFlow> top(RowFlow x) {
      Long count = node.has("k") ? Long.valueOf(node.integer("k", 0)) : number(1);
      if (count == null || !isOther(x, node.integer("axis", -1))) {
        return List.of();
      }
      RowFlow result = x.resized(x.place(node.integer("axis", -1)), count);
      return List.of(result, result);
    }

    private RowFlow oneHot(RowFlow x) {
      Long depth = number(1);
      long given = node.integer("axis", -1);
      int axis = (int) (given < 0 ? given + x.rank() + 1 : given);
      return depth == null || !isFixed(2) ? RowFlow.MIXED : x.inserted(axis, depth);
    }

    // Rearrangements

    private RowFlow reshape(RowFlow x) {
      RowFlow shape = input(1);
      List<Count> target =
          node.has("shape")
              ? Arrays.stream(node.integers("shape")).mapToObj(Count::of).toList()
              : shape == null ? null : shape.counts();
      return target == null ? RowFlow.MIXED : x.reshape(target, node.integer("allowzero", 0) == 0);
    }

    private RowFlow flatten(RowFlow x) {
      long given = node.integer("axis", 1);
      int axis = (int) (given < 0 ? given + x.rank() : given);
      if (!x.hasShape() || axis < 0 || axis > x.rank()) {
        return RowFlow.MIXED;
      }
      long before = RowFlow.product(x.shape(), 0, axis);
      long behind = RowFlow.product(x.shape(), axis, x.rank());
      return x.reshape(
          List.of(
              new Count(before, x.hasRows() && x.axis() < axis),
              new Count(behind, x.hasRows() && x.axis() >= axis)),
          false);
    }

    private RowFlow squeeze(RowFlow x) {
      long[] axes = numbers("axes", 1);
      if (axes == null || axes.length == 0 || !x.hasShape()) {
        return RowFlow.MIXED; // a single row would lose its axis
      }
      int[] places = Arrays.stream(axes).mapToInt(x::place).sorted().distinct().toArray();
      RowFlow result = x;
      for (int i = places.length - 1; i >= 0; i--) {
        if (places[i] < 0 || places[i] == x.axis() || x.shape()[places[i]] != 1) {
          return RowFlow.MIXED;
        }
        result = result.without(places[i]);
      }
      return result;
    }

    private RowFlow unsqueeze(RowFlow x) {
      long[] axes = numbers("axes", 1);
      if (axes == null || !x.hasShape()) {
        return RowFlow.MIXED;
      }
      int rank = x.rank() + axes.length;
      RowFlow result = x;
      for (long axis :
          Arrays.stream(axes).map(axis -> axis < 0 ? axis + rank : axis).sorted().toArray()) {
        result = result.inserted((int) axis, 1);
      }
      return result;
    }

    private RowFlow concat() {
      RowFlow first = given.getFirst();
      int axis = first.place(node.integer("axis", 1));
      if (axis < 0 || axis == first.axis()) {
        return RowFlow.MIXED;
      }
      long length = 0;
      for (RowFlow each : given) {
        boolean fits =
            each.hasShape()
                && (first.hasRows() ? each.hasRowsLike(first) : each.isFixed())
                && each.rank() == first.rank()
                && !each.countsRows();
        if (!fits
            || !Arrays.equals(each.resized(axis, 1).shape(), first.resized(axis, 1).shape())) {
          return RowFlow.MIXED;
        }
        length += each.shape()[axis];
      }
      return first.resized(axis, length);
    }

    private List<RowFlow> split(RowFlow x) {
      int axis = x.place(node.integer("axis", 0));
      long[] lengths = numbers("split", 1);
      if (axis < 0 || axis == x.axis() || lengths == null) {
        return List.of();
      }
      int count = node.outputs().size();
      if (lengths.length == 0) {
        long all = x.shape()[axis];
        long part = Math.ceilDiv(all, count);
        lengths = new long[count];
        Arrays.fill(lengths, part);
        lengths[count - 1] = all - part * (count - 1);
      }
      return Arrays.stream(lengths).mapToObj(length -> x.resized(axis, length)).toList();
    }

    private RowFlow slice(RowFlow x) {
      long[] starts = numbers("starts", 1);
      long[] ends = numbers("ends", 2);
      long[] axes = numbers("axes", 3);
      long[] steps = numbers(4);
      if (starts == null || ends == null || axes == null || steps == null || !x.hasShape()) {
        return RowFlow.MIXED;
      }
      RowFlow result = x;
      for (int i = 0; i < starts.length; i++) {
        int axis = axes.length == 0 ? i : x.place(axes[i]);
        long step = steps.length == 0 ? 1 : steps[i];
        if (axis < 0 || axis >= x.rank() || i >= ends.length) {
          return RowFlow.MIXED;
        }
        if (axis == x.axis()) {
          if (starts[i] != 0 || ends[i] < Integer.MAX_VALUE || step != 1) {
            return RowFlow.MIXED;
          }
        } else {
          result = result.resized(axis, sliced(x.shape()[axis], starts[i], ends[i], step));
        }
      }
      return result.plain();
    }

    private RowFlow gather(RowFlow x) {
      RowFlow indices = input(1);
      int axis = x.place(node.integer("axis", 0));
      boolean both = indices != null && x.hasRows() && indices.hasRows();
      if (indices == null || !indices.hasShape() || axis < 0 || axis == x.axis() || both) {
        return RowFlow.MIXED;
      }
      RowFlow result = x.without(axis);
      for (int i = 0; i < indices.rank(); i++) {
        result = result.inserted(axis + i, indices.shape()[i]);
      }
      return indices.hasRows() ? indices.at(axis + indices.axis(), result.shape()) : result;
    }

    private RowFlow gatherElements(RowFlow x) {
      RowFlow indices = input(1);
      return indices != null && indices.hasRowsLike(x) && isOther(x, node.integer("axis", 0))
          ? indices.plain()
          : RowFlow.MIXED;
    }

    private RowFlow gatherNd(RowFlow x) {
      RowFlow indices = input(1);
      if (indices == null
          || !x.isFixed()
          || !x.hasShape()
          || !indices.hasRows()
          || node.integer("batch_dims", 0) != 0
          || indices.axis() == indices.rank() - 1) {
        return RowFlow.MIXED;
      }
      int depth = (int) indices.shape()[indices.rank() - 1];
      if (depth > x.rank()) {
        return RowFlow.MIXED;
      }
      RowFlow result = indices.without(indices.rank() - 1);
      for (int i = depth; i < x.rank(); i++) {
        result = result.inserted(result.rank(), x.shape()[i]);
      }
      return result;
    }

    private RowFlow constantOfShape(RowFlow shape) {
      List<Count> counts = shape.counts();
      return counts == null ? RowFlow.MIXED : RowFlow.fixed().expand(counts);
    }

    private RowFlow pad(RowFlow x) {
      long[] pads = numbers("pads", 1);
      long[] axes = numbers(3);
      if (pads == null || axes == null || !x.hasShape() || !isFixed(2)) {
        return RowFlow.MIXED;
      }
      int count = pads.length / 2;
      if (axes.length == 0 ? count != x.rank() : count != axes.length) {
        return RowFlow.MIXED;
      }
      RowFlow result = x;
      for (int i = 0; i < count; i++) {
        int axis = axes.length == 0 ? i : x.place(axes[i]);
        if (axis < 0 || (axis == x.axis() && (pads[i] != 0 || pads[i + count] != 0))) {
          return RowFlow.MIXED;
        }
        if (axis != x.axis()) {
          result = result.resized(axis, result.shape()[axis] + pads[i] + pads[i + count]);
        }
      }
      return result.plain();
    }

    private RowFlow tile(RowFlow x) {
      RowFlow list = input(1);
      long[] repeats = list == null ? null : list.numbers();
      if (repeats == null || repeats.length != x.rank()) {
        return RowFlow.MIXED;
      }
      long[] dims = x.shape().clone();
      for (int i = 0; i < dims.length; i++) {
        if (i == x.axis() && repeats[i] != 1) {
          return RowFlow.MIXED;
        }
        dims[i] *= repeats[i];
      }
      return x.with(dims);
    }

    private RowFlow blocks(RowFlow x, boolean toDepth) {
      long size = node.integer("blocksize", 1);
      if (x.axis() != 0 || x.rank() != 4) {
        return RowFlow.MIXED;
      }
      long[] dims = x.shape().clone();
      dims[1] = toDepth ? dims[1] * size * size : dims[1] / (size * size);
      dims[2] = toDepth ? dims[2] / size : dims[2] * size;
      dims[3] = toDepth ? dims[3] / size : dims[3] * size;
      return x.with(dims);
    }

    /** To lengths, not by factors. */
    private RowFlow resize(RowFlow x) {
      RowFlow sizes = input(3);
      List<Count> counts = sizes == null ? null : sizes.counts();
      // With others, a row is computed from its neighbours, or the lengths are not as given.
      boolean plain =
          PLACES.contains(node.text("coordinate_transformation_mode", "half_pixel"))
              && node.text("keep_aspect_ratio_policy", "stretch").equals("stretch")
              && !node.has("axes");
      if (!plain || counts == null || counts.size() != x.rank() || x.axis() != 0) {
        return RowFlow.MIXED;
      }
      long[] dims = x.shape().clone();
      for (int i = 0; i < dims.length; i++) {
        boolean rows = i == 0;
        if (counts.get(i).perRow() != rows || (rows && counts.get(i).factor() != dims[0])) {
          return RowFlow.MIXED;
        }
        dims[i] = counts.get(i).factor();
      }
      return isFixed(1) && isFixed(2) ? x.with(dims) : RowFlow.MIXED;
    }

    private RowFlow quantized(RowFlow x) {
      RowFlow scale = input(1);
      boolean byAxis = scale != null && scale.rank() == 1 && isOther(x, node.integer("axis", 1));
      boolean whole = scale != null && scale.isFixedScalar();
      return othersAreFixed() && (whole || byAxis) && !node.has("block_size")
          ? x.plain()
          : RowFlow.MIXED;
    }

    /** Steps first, then rows: [T, N, F]. */
    private List<RowFlow> recurrent(RowFlow x) {
      if (x.axis() != 1 || x.rank() != 3 || node.integer("layout", 0) != 0) {
        return List.of();
      }
      long perRow = x.shape()[1];
      RowFlow lengths = input(4);
      boolean sameRows = lengths == null || lengths.hasRowsLike(x.at(0, perRow));
      for (int state : new int[] {5, 6}) {
        RowFlow start = input(state);
        sameRows &= start == null || start.hasRowsLike(x);
      }
      if (!sameRows || !othersAreFixed(4, 5, 6)) {
        return List.of();
      }
      long directions = node.text("direction", "forward").equals("bidirectional") ? 2 : 1;
      long hidden = node.integer("hidden_size", 0);
      if (hidden == 0) {
        return List.of();
      }
      RowFlow last = x.at(1, directions, perRow, hidden);
      return List.of(x.at(2, x.shape()[0], directions, perRow, hidden), last, last);
    }

    // ai.onnx.ml

    private List<RowFlow> ofClassicalModels() {
      RowFlow x = x();
      RowFlow second = input(1);
      if (node.operator().equals("LabelEncoder") || node.operator().equals("CategoryMapper")) {
        return List.of(x.plain());
      }
      if (node.operator().equals("ArrayFeatureExtractor") && second != null && second.hasRows()) {
        // The labels of the places that an ArgMax gave, as one row.
        boolean labels = x.isFixed() && x.rank() > 0 && second.axis() == 0;
        boolean one = labels && RowFlow.product(x.shape(), 0, x.rank() - 1) == 1;
        long places = RowFlow.product(second.shape(), 0, second.rank());
        return one ? List.of(second.at(1, 1, places)) : List.of();
      }
      if (x.axis() != 0 || x.rank() < 2) {
        return List.of(); // a list of one axis is a single row
      }
      long rows = x.shape()[0];
      UnaryOperator<RowFlow> flat = value -> x.rank() == 2 ? value : RowFlow.MIXED;
      return switch (node.operator()) {
        case "Scaler", "Normalizer", "Imputer", "Binarizer" -> List.of(flat.apply(x.plain()));
        case "LinearRegressor" -> List.of(flat.apply(x.with(rows, node.integer("targets", 1))));
        case "SVMRegressor" -> List.of(flat.apply(x.with(rows, 1)));
        case "TreeEnsembleRegressor", "TreeEnsemble" ->
            List.of(flat.apply(x.with(rows, node.integer("n_targets", 1))));
        case "LinearClassifier", "SVMClassifier", "TreeEnsembleClassifier" -> {
          long classes =
              Math.max(
                  node.count("classlabels_strings"),
                  Math.max(node.count("classlabels_ints"), node.count("classlabels_int64s")));
          boolean perPair = node.operator().equals("SVMClassifier") && !node.has("prob_a");
          RowFlow scores = classes < 2 || perPair ? RowFlow.MIXED : x.with(rows, classes);
          yield List.of(flat.apply(x.with(rows)), flat.apply(scores));
        }
        case "OneHotEncoder" ->
            List.of(
                x.inserted(
                    x.rank(), Math.max(node.count("cats_strings"), node.count("cats_int64s"))));
        case "ArrayFeatureExtractor" ->
            second != null && second.hasShape()
                ? List.of(
                    flat.apply(x.resized(1, RowFlow.product(second.shape(), 0, second.rank()))))
                : List.of();
        case "FeatureVectorizer" -> {
          boolean rowsOnly =
              given.stream()
                  .allMatch(
                      each -> each.axis() == 0 && each.rank() == 2 && each.shape()[0] == rows);
          long width = Arrays.stream(node.integers("inputdimensions")).sum();
          yield List.of(rowsOnly ? x.with(rows, width) : RowFlow.MIXED);
        }
        default -> List.of();
      };
    }
  }

  /** How many of {@code length} elements a slice has. */
  static long sliced(long length, long start, long end, long step) {
    if (step == 0) {
      return 0;
    }
    long least = step > 0 ? 0 : -1;
    long most = step > 0 ? length : length - 1;
    long from = Math.clamp(start < 0 ? start + length : start, 0, most);
    long to = end < -length ? least : Math.clamp(end < 0 ? end + length : end, least, most);
    long span = step > 0 ? to - from : from - to;
    return span <= 0 ? 0 : Math.ceilDiv(span, Math.abs(step));
  }
}
