package io.trainyard.predict.dense;

import io.trainyard.model.LoadedNetwork;
import io.trainyard.spec.ForwardPlan;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.layer.ActivationSpec;
import io.trainyard.spec.layer.CoreSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.NoiseSpec;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A network of dense layers, one behind the other, in plain Java. Any thread may use it, and many
 * at once. Its outputs are on the Java heap.
 *
 * <p>Which networks are computed so depends on the spec alone: all rows of a version are computed
 * in the same way.
 */
public final class DenseNetwork implements LoadedNetwork {
  /** The most multiply-adds of a row; larger networks gain more from native code. */
  private static final long MOST_MULTIPLY_ADDS = 50_000;

  /** Rows that are read and transposed at once. */
  private static final int TRANSPOSED = 8;

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private final String input;
  private final int inputWidth;
  private final int widest;
  private final List<DenseStep> steps;
  private final Map<String, Integer> positions = new HashMap<>();
  private final Map<String, Shape> shapes = new HashMap<>();

  private DenseNetwork(String input, NetworkShapes network, List<DenseStep> steps) {
    this.input = input;
    this.inputWidth = Math.toIntExact(network.of(input).elements());
    this.steps = List.copyOf(steps);
    this.widest = steps.stream().mapToInt(step -> step.width).reduce(inputWidth, Math::max);
    positions.put(input, -1);
    shapes.put(input, network.of(input));
    for (int i = 0; i < steps.size(); i++) {
      String layer = steps.get(i).layer;
      positions.put(layer, i);
      shapes.put(layer, network.of(layer));
    }
  }

  /**
   * The network, if it is a small chain and all its weights are there.
   *
   * @param stored the weights by name; copied
   */
  public static Optional<DenseNetwork> of(
      NetworkSpec network, NetworkShapes shapes, Map<String, HostTensor> stored) {
    if (network.inputNames().size() != 1
        || network.layers().isEmpty()
        || network.readsIndices(network.inputNames().getFirst())
        || ForwardPlan.of(network, network.outputs()).cost(shapes).multiplyAdds()
            > MOST_MULTIPLY_ADDS
        || shapes.multiplyAdds() > MOST_MULTIPLY_ADDS
        || shapes.weights().isEmpty()
        || shapes.weights().size() != stored.size()) {
      return Optional.empty();
    }
    String input = network.inputNames().getFirst();
    List<DenseStep> steps = new ArrayList<>();
    String before = input;
    for (Layer layer : network.layers()) {
      DenseStep step =
          layer.inputs().equals(List.of(before)) ? step(layer, before, shapes, stored) : null;
      if (step == null) {
        return Optional.empty();
      }
      steps.add(step);
      before = layer.name();
    }
    return Optional.of(new DenseNetwork(input, shapes, steps));
  }

  private static @Nullable DenseStep step(
      Layer layer, String before, NetworkShapes shapes, Map<String, HostTensor> stored) {
    int width = Math.toIntExact(shapes.of(layer.name()).elements());
    return switch (layer.spec()) {
      case CoreSpec.Dense dense -> dense(layer, dense, shapes.of(before), stored);
      case CoreSpec.Activation(ActivationSpec activation)
          when !activation.learned()
              && (!activation.runsAlongAxis() || shapes.of(before).rank() == 1) ->
          DenseStep.weightless(layer.name(), width, activation);
      case CoreSpec.Dropout _, CoreSpec.Flatten _, NoiseSpec _ ->
          DenseStep.weightless(layer.name(), width, ActivationSpec.LINEAR);
      default -> null;
    };
  }

  private static @Nullable DenseStep dense(
      Layer layer, CoreSpec.Dense dense, Shape in, Map<String, HostTensor> stored) {
    if (in.rank() != 1 || !dense.isPlain()) {
      return null;
    }
    Shape outputs = Shape.of(dense.units());
    float[] weight = weight(layer, "weight", Shape.of(dense.units(), in.last()), stored);
    float[] bias = dense.bias() ? weight(layer, "bias", outputs, stored) : new float[dense.units()];
    return weight == null || bias == null
        ? null
        : DenseStep.dense(layer.name(), in.last(), weight, bias, dense.activation());
  }

  /** Null for a weight that is missing or different: the engine says what is wrong with it. */
  private static float @Nullable [] weight(
      Layer layer, String name, Shape shape, Map<String, HostTensor> stored) {
    HostTensor tensor = stored.get(layer.weightsOwner() + "." + name);
    return tensor != null && tensor.type() == ElementType.FLOAT32 && tensor.shape().equals(shape)
        ? tensor.toFloats()
        : null;
  }

  @Override
  public boolean runsOnCallers() {
    return true;
  }

  @Override
  public Map<String, HostTensor> forward(
      Map<String, HostTensor> inputs, List<String> outputs, BooleanSupplier stopped) {
    HostTensor given = inputs.get(input);
    if (given == null || given.type() != ElementType.FLOAT32) {
      throw new IllegalArgumentException("the input '" + input + "' must be FLOAT32");
    }
    int rows = given.shape().axis(0);
    if (given.shape().elements() != (long) rows * inputWidth) {
      throw new IllegalArgumentException(
          "the input '" + input + "' must have " + inputWidth + " elements a row");
    }
    Wanted[] wanted = new Wanted[outputs.size()];
    int last = -1;
    for (int i = 0; i < wanted.length; i++) {
      wanted[i] = wanted(outputs.get(i), rows);
      last = Math.max(last, wanted[i].position);
    }
    if (rows == 1) {
      row(given.data(), wanted, last);
    } else {
      blocks(given.data(), rows, wanted, last, stopped);
    }
    if (wanted.length == 1) {
      return Map.of(outputs.getFirst(), wanted[0].tensor);
    }
    Map<String, HostTensor> results = LinkedHashMap.newLinkedHashMap(wanted.length);
    for (int i = 0; i < wanted.length; i++) {
      results.put(outputs.get(i), wanted[i].tensor);
    }
    return results;
  }

  /**
   * A value for the caller.
   *
   * @param position of its layer; −1 for the input
   * @param before whether it is the one before the layer's activation
   */
  @SuppressWarnings("ArrayRecordComponent")
  private record Wanted(
      int position, boolean before, int width, float[] elements, HostTensor tensor) {
    /** Copies the values of one row, which is the first. */
    void keep(float[] values) {
      System.arraycopy(values, 0, elements, 0, width);
    }

    /**
     * Copies the values of a block.
     *
     * @param values [width, rows]
     */
    void keep(float[][] values, int first, int rows) {
      for (int i = 0; i < width; i++) {
        float[] feature = values[i];
        for (int row = 0; row < rows; row++) {
          elements[(first + row) * width + i] = feature[row];
        }
      }
    }
  }

  private Wanted wanted(String name, int rows) {
    String layer = ForwardPlan.layerOf(name);
    Integer position = positions.get(layer);
    Shape shape = shapes.get(layer);
    if (position == null || shape == null) {
      throw new IllegalArgumentException("there is no layer or input '" + layer + "'");
    }
    int width = Math.toIntExact(shape.elements());
    float[] elements = new float[Math.multiplyExact(rows, width)];
    HostTensor tensor =
        new HostTensor(ElementType.FLOAT32, shape.batched(rows), MemorySegment.ofArray(elements));
    return new Wanted(position, ForwardPlan.isBeforeActivation(name), width, elements, tensor);
  }

  private void row(MemorySegment data, Wanted[] wanted, int last) {
    float[] values = new float[widest];
    float[] next = new float[widest];
    MemorySegment.copy(data, FLOAT, 0, values, 0, inputWidth);
    keep(wanted, -1, false, values);
    keep(wanted, -1, true, values);
    for (int i = 0; i <= last; i++) {
      DenseStep step = steps.get(i);
      step.sums(values, next);
      keep(wanted, i, true, next);
      PlainActivations.apply(step.activation, next, step.width);
      keep(wanted, i, false, next);
      float[] free = values;
      values = next;
      next = free;
    }
  }

  private static void keep(Wanted[] wanted, int position, boolean before, float[] values) {
    for (Wanted each : wanted) {
      if (each.position == position && each.before == before) {
        each.keep(values);
      }
    }
  }

  private void blocks(
      MemorySegment data, int rows, Wanted[] wanted, int last, BooleanSupplier stopped) {
    WorkArrays arrays = WorkArrays.take(widest);
    float[] read = new float[Math.min(rows, TRANSPOSED) * inputWidth];
    for (int first = 0; first < rows; first += arrays.rows()) {
      if (stopped.getAsBoolean()) {
        throw new CancellationException("no caller waits for this any more");
      }
      int count = Math.min(arrays.rows(), rows - first);
      for (int row = 0; row < count; row += TRANSPOSED) {
        int part = Math.min(TRANSPOSED, count - row);
        long from = (long) (first + row) * inputWidth * Float.BYTES;
        MemorySegment.copy(data, FLOAT, from, read, 0, part * inputWidth);
        transpose(read, arrays.x(), row, part);
      }
      block(arrays, first, count, wanted, last);
    }
    arrays.give();
  }

  /**
   * Puts rows into columns of a block.
   *
   * @param from [rows, width]
   * @param to [width, rows of the block]
   */
  private void transpose(float[] from, float[][] to, int first, int rows) {
    int width = inputWidth;
    if (rows < TRANSPOSED) {
      for (int i = 0; i < width; i++) {
        for (int row = 0; row < rows; row++) {
          to[i][first + row] = from[row * width + i];
        }
      }
      return;
    }
    for (int i = 0; i < width; i++) {
      float[] feature = to[i];
      feature[first] = from[i];
      feature[first + 1] = from[width + i];
      feature[first + 2] = from[2 * width + i];
      feature[first + 3] = from[3 * width + i];
      feature[first + 4] = from[4 * width + i];
      feature[first + 5] = from[5 * width + i];
      feature[first + 6] = from[6 * width + i];
      feature[first + 7] = from[7 * width + i];
    }
  }

  private void block(WorkArrays arrays, int first, int rows, Wanted[] wanted, int last) {
    float[][] values = arrays.x();
    float[][] next = arrays.y();
    keep(wanted, -1, false, values, first, rows);
    keep(wanted, -1, true, values, first, rows);
    for (int i = 0; i <= last; i++) {
      DenseStep step = steps.get(i);
      step.sums(values, next, rows);
      keep(wanted, i, true, next, first, rows);
      PlainActivations.apply(step.activation, next, step.width, rows);
      keep(wanted, i, false, next, first, rows);
      float[][] free = values;
      values = next;
      next = free;
    }
  }

  private static void keep(
      Wanted[] wanted, int position, boolean before, float[][] values, int first, int rows) {
    for (Wanted each : wanted) {
      if (each.position == position && each.before == before) {
        each.keep(values, first, rows);
      }
    }
  }

  @Override
  public long bytes() {
    return steps.stream().mapToLong(DenseStep::bytes).sum();
  }

  @Override
  public void close() {}
}
