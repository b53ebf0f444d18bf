package io.trainyard.dataset.encoding;

import io.trainyard.dataset.Rows;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.check.TargetValues;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * How rows become input tensors and output tensors become answers: the one code path of training
 * and prediction. Categories and classes are known from submit on; scaling and imputation
 * statistics once learned.
 */
public final class Encoding {
  private final Map<String, InputEncoding> inputs;
  private final Map<String, TargetEncoding> targets;

  Encoding(Map<String, InputEncoding> inputs, Map<String, TargetEncoding> targets) {
    this.inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    this.targets = Collections.unmodifiableMap(new LinkedHashMap<>(targets));
  }

  /** Takes back what {@link #toJson} gave. */
  public static Encoding fromJson(JsonNode json) {
    return EncodingJson.read(json);
  }

  /**
   * The encoding of a model that was trained elsewhere on columns that are all plain numbers.
   *
   * @param pointer the model's place in the body
   * @return null when the violations say what would have to be known
   */
  public static @Nullable Encoding assumed(ModelSpec model, String pointer, Violations violations) {
    return new DefaultEncoding(model, pointer, violations).encoding();
  }

  /**
   * This encoding for a network that was trained on the logits of some outputs.
   *
   * @param outputs the names of those network outputs
   */
  public Encoding fromLogits(Set<String> outputs) {
    Map<String, TargetEncoding> answered = new LinkedHashMap<>();
    targets.forEach(
        (name, target) ->
            answered.put(
                name,
                target instanceof TargetEncoding.ClassTarget labels
                        && outputs.contains(labels.output())
                    ? labels.asLogits()
                    : target));
    return new Encoding(inputs, answered);
  }

  public Map<String, InputEncoding> inputs() {
    return inputs;
  }

  public Map<String, TargetEncoding> targets() {
    return targets;
  }

  /** The row shape of every network input. */
  public Map<String, Shape> inputShapes() {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    inputs.forEach((name, input) -> shapes.put(name, input.shape()));
    return shapes;
  }

  /**
   * What the targets' values are, by target; a target that is another layer's output is left out.
   */
  public Map<String, TargetValues> targetValues() {
    Map<String, TargetValues> values = new LinkedHashMap<>();
    targets.forEach(
        (name, target) -> {
          switch (target) {
            case TargetEncoding.ClassTarget labels ->
                values.put(name, new TargetValues.Classes(labels.classes().size()));
            case TargetEncoding.NumberTarget numbers ->
                values.put(name, new TargetValues.Numbers(numbers.shape()));
            case TargetEncoding.InputTarget input ->
                values.put(name, new TargetValues.Numbers(input(input.input()).shape()));
            case TargetEncoding.LayerTarget layer -> {
              // Its shape is the layer's, which shape inference knows.
            }
          }
        });
    return values;
  }

  InputEncoding input(String name) {
    InputEncoding input = inputs.get(name);
    if (input == null) {
      throw new IllegalArgumentException("there is no input '" + name + "'");
    }
    return input;
  }

  /** How every column is encoded, those of the targets behind those of the inputs. */
  public List<ColumnEncoding> columns() {
    List<ColumnEncoding> columns = new ArrayList<>();
    inputs.values().forEach(input -> columns.addAll(input.columns()));
    for (TargetEncoding target : targets.values()) {
      InputEncoding own = target.values();
      if (own != null) {
        columns.addAll(own.columns());
      }
    }
    return columns;
  }

  /** The name of every column that is read. */
  public Set<String> columnNames() {
    Set<String> names = new LinkedHashSet<>();
    columns().forEach(column -> names.add(column.column()));
    return names;
  }

  /** How many values a row of those columns has. */
  public long rowValues() {
    return columns().stream()
        .mapToLong(column -> column instanceof ColumnEncoding.Numeric n ? n.width() : 1)
        .sum();
  }

  /** What so many encoded rows, or windows, take in memory. */
  public long bytes(long rows) {
    long row = 0;
    for (InputEncoding input : inputs.values()) {
      row += (long) input.width() * input.type().bytes();
    }
    for (TargetEncoding target : targets.values()) {
      InputEncoding own = target.values();
      row += own == null ? 0 : (long) own.width() * own.type().bytes();
    }
    return Math.multiplyExact(row, rows);
  }

  /** The columns whose values the targets are. */
  public Set<String> targetColumns() {
    Set<String> columns = new LinkedHashSet<>();
    for (TargetEncoding target : targets.values()) {
      switch (target) {
        case TargetEncoding.ClassTarget labels -> columns.add(labels.column());
        case TargetEncoding.NumberTarget numbers ->
            columns.addAll(numbers.encoding().columnNames());
        case TargetEncoding.InputTarget input -> columns.addAll(input(input.input()).columnNames());
        case TargetEncoding.LayerTarget layer -> {
          // Made by the network, read from no column.
        }
      }
    }
    return columns;
  }

  /**
   * Encodes instances of a predict request.
   *
   * @param instances a JSON list of objects by column
   * @param pointer the list's place in the body
   */
  public Map<String, HostTensor> encode(JsonNode instances, String pointer) {
    Violations violations = new Violations();
    Map<String, Rows> rows = new InstanceReader(this, violations).read(instances, pointer);
    violations.throwIfAny();
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    inputs.forEach(
        (name, input) -> {
          Faults faults =
              (row, column, detail) -> {
                String instance = Violation.pointer(pointer, row / input.rows());
                String at = Violation.pointer(instance, column);
                violations.add(
                    input.window() == null ? at : Violation.pointer(at, row % input.rows()),
                    detail);
              };
          tensors.put(name, tensor(input, Objects.requireNonNull(rows.get(name)), faults));
        });
    violations.throwIfAny();
    return tensors;
  }

  private static HostTensor tensor(InputEncoding input, Rows rows, Faults faults) {
    HostTensor tensor =
        HostTensor.allocate(input.type(), input.shape().batched(rows.count() / input.rows()));
    int elements = Math.multiplyExact(rows.count(), input.rowWidth());
    MemorySegment data = tensor.data();
    if (input.type() == ElementType.INT64) {
      long[] encoded = new long[elements];
      input.encode(rows, encoded, faults);
      MemorySegment.copy(encoded, 0, data, ValueLayout.JAVA_LONG_UNALIGNED, 0, elements);
    } else {
      float[] encoded = new float[elements];
      input.encode(rows, encoded, faults);
      MemorySegment.copy(encoded, 0, data, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, elements);
    }
    return tensor;
  }

  /** As the rows of windows are encoded, one by one. */
  public Encoding ofRows() {
    Map<String, InputEncoding> byRow = new LinkedHashMap<>();
    inputs.forEach((name, input) -> byRow.put(name, input.ofRows()));
    return new Encoding(byRow, targets);
  }

  /** Answers, one object by target and row, from the network's outputs by output name. */
  public JsonNode decode(Map<String, HostTensor> outputs, int rows) {
    return new PredictionDecoder(this).decode(outputs, rows);
  }

  /**
   * An output in its target's own units: what was scaled is scaled back. Other outputs stay as they
   * are.
   *
   * @param output its name
   * @param tensor [rows, ...]
   */
  public HostTensor inOwnUnits(String output, HostTensor tensor) {
    for (TargetEncoding target : targets.values()) {
      if (target.output().equals(output)) {
        return switch (target) {
          case TargetEncoding.NumberTarget numbers -> numbers.encoding().unscaled(tensor);
          case TargetEncoding.InputTarget input -> input(input.input()).unscaled(tensor);
          case TargetEncoding.ClassTarget _, TargetEncoding.LayerTarget _ -> tensor;
        };
      }
    }
    return tensor;
  }

  /**
   * How much of a target's own unit one unit of its encoded values is: one number for each element
   * of a row, to be repeated where a target is a window of rows. Labels, categories and what is not
   * scaled count 1.
   */
  public double[] units(String target) {
    TargetEncoding encoding = targets.get(target);
    InputEncoding numbers =
        switch (encoding) {
          case TargetEncoding.NumberTarget own -> own.encoding();
          case TargetEncoding.InputTarget own -> input(own.input());
          case TargetEncoding.ClassTarget _, TargetEncoding.LayerTarget _ -> null;
          case null -> null;
        };
    return numbers == null ? new double[] {1} : numbers.units();
  }

  /** Everything learned, as stored with a version. */
  public JsonNode toJson() {
    return EncodingJson.write(this);
  }
}
