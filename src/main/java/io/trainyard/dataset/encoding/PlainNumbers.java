package io.trainyard.dataset.encoding;

import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Encodes rows of a model whose columns are all plain numbers, without a JSON tree. Gives the same
 * bits as {@link Encoding#encode}.
 */
public final class PlainNumbers {
  private final List<String> columns;
  private final List<Input> inputs;

  private PlainNumbers(List<String> columns, List<Input> inputs) {
    this.columns = List.copyOf(columns);
    this.inputs = List.copyOf(inputs);
  }

  @SuppressWarnings("ArrayRecordComponent")
  private record Input(
      String name, InputEncoding encoding, int[] sources, FittedScale[] scalings) {}

  /** Empty when a column is a category, a tensor or an index. */
  public static Optional<PlainNumbers> of(Encoding encoding) {
    // The place of each column, in the order of the columns.
    Map<String, Integer> places = new LinkedHashMap<>();
    List<Input> inputs = new ArrayList<>();
    for (var each : encoding.inputs().entrySet()) {
      InputEncoding input = each.getValue();
      int width = input.columns().size();
      if (input.type() != ElementType.FLOAT32 || input.width() != width) {
        return Optional.empty();
      }
      int[] sources = new int[width];
      FittedScale[] scalings = new FittedScale[width];
      for (int i = 0; i < width; i++) {
        if (!(input.columns().get(i) instanceof ColumnEncoding.Numeric number)
            || number.shape() != null
            || number.isTime()) {
          return Optional.empty();
        }
        sources[i] = places.computeIfAbsent(number.column(), c -> places.size());
        scalings[i] = number.known().scale();
      }
      inputs.add(new Input(each.getKey(), input, sources, scalings));
    }
    return Optional.of(new PlainNumbers(List.copyOf(places.keySet()), inputs));
  }

  /** The columns, each once, in the model's order. */
  public List<String> columns() {
    return columns;
  }

  /**
   * Encodes rows.
   *
   * @param elements the unscaled values of {@link #columns}, row-major
   * @return null when a number does not fit a 32-bit float
   */
  public @Nullable Map<String, HostTensor> encode(double[] elements, int rows) {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    for (Input input : inputs) {
      int width = input.sources().length;
      float[] encoded = new float[Math.multiplyExact(rows, width)];
      for (int row = 0; row < rows; row++) {
        int from = row * columns.size();
        for (int i = 0; i < width; i++) {
          float x = (float) input.scalings()[i].scale(elements[from + input.sources()[i]]);
          if (!Float.isFinite(x)) {
            return null;
          }
          encoded[row * width + i] = x;
        }
      }
      HostTensor tensor =
          HostTensor.allocate(ElementType.FLOAT32, input.encoding().shape().batched(rows));
      MemorySegment.copy(
          encoded, 0, tensor.data(), ValueLayout.JAVA_FLOAT_UNALIGNED, 0, encoded.length);
      tensors.put(input.name(), tensor);
    }
    return tensors;
  }
}
