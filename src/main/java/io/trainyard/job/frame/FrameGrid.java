package io.trainyard.job.frame;

import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.dataset.grid.DrawnOutput;
import io.trainyard.dataset.grid.GridAxis;
import io.trainyard.dataset.grid.InputGrid;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.StrictJson;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.layer.CoreSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.training.FramesSpec;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.train.LearningNetwork;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The grid over two columns of the inputs on which a network is asked while it learns; the other
 * columns have what most rows have.
 *
 * @param encoding of the inputs, and of the targets as they are predicted
 * @param output whose answer is shown
 * @param neurons how many units of each hidden layer are shown
 * @param weights the names of the weights that are kept
 */
public record FrameGrid(
    InputGrid grid,
    Encoding encoding,
    DrawnOutput output,
    Map<String, Integer> neurons,
    List<String> weights) {
  private static final int MOST_FRAMES = 200;
  private static final int LEAST_FRAMES = 20;

  /** Of all frames of a job together. */
  private static final int MOST_NUMBERS = 1_500_000;

  private static final int MOST_NEURONS = 8;
  private static final int MOST_WEIGHTS = 2_000;

  public FrameGrid {
    neurons = Collections.unmodifiableMap(new LinkedHashMap<>(neurons));
    weights = List.copyOf(weights);
  }

  /**
   * What a job asks for.
   *
   * @param encoding with what its outputs mean, as far as it is known
   * @param data whose ranges and usual values are taken
   * @return null when there are violations, which are below the pointer of what was asked
   */
  public static @Nullable FrameGrid of(
      FramesSpec asked,
      ModelSpec model,
      Encoding encoding,
      NetworkShapes shapes,
      DatasetVersion data,
      Violations violations) {
    Violations found = new Violations();
    FrameGrid grid = find(asked, model, encoding, shapes, data, found);
    for (Violation each : found.list()) {
      violations.add(asked.pointer() + each.pointer(), each.detail());
    }
    return found.isEmpty() ? grid : null;
  }

  private static @Nullable FrameGrid find(
      FramesSpec asked,
      ModelSpec model,
      Encoding encoding,
      NetworkShapes shapes,
      DatasetVersion data,
      Violations found) {
    if (!InputGrid.suits(encoding)) {
      found.add(
          "",
          "The model reads windows or tensors, which are not two columns to draw: leave"
              + " 'frames' out");
      return null;
    }
    Map<String, ColumnEncoding> columns = new LinkedHashMap<>();
    encoding.inputColumns().forEach(column -> columns.put(column.column(), column));
    GridAxis.check(asked.x(), "/x", columns, found);
    GridAxis.check(asked.y(), "/y", columns, found);
    DrawnOutput output = output(encoding, shapes, found);
    if (output == null || !found.isEmpty()) {
      return null;
    }
    GridAxis x = GridAxis.of(asked.x(), "/x", asked.steps(), data, found);
    GridAxis y = GridAxis.of(asked.y(), "/y", asked.steps(), data, found);
    Map<String, Object> fixed = new LinkedHashMap<>();
    columns.forEach(
        (name, column) -> {
          if (!name.equals(x.column()) && !name.equals(y.column())) {
            Object usual = InputGrid.usual(column, data);
            if (usual == null) {
              found.add(
                  "",
                  "Column '%s' has no value at which it could be held: leave 'frames' out"
                      .formatted(name));
            } else {
              fixed.put(name, usual);
            }
          }
        });
    return new FrameGrid(
        new InputGrid(encoding, x, y, fixed),
        encoding,
        output,
        asked.neurons() ? neurons(model, shapes) : Map.of(),
        asked.weights() ? weights(shapes) : List.of());
  }

  /** The first target: the class that it decides on if there are more than two, else a number. */
  private static @Nullable DrawnOutput output(
      Encoding encoding, NetworkShapes shapes, Violations found) {
    Map.Entry<String, TargetEncoding> first =
        encoding.targets().entrySet().iterator().next(); // a job trains at least one
    if (first.getValue() instanceof TargetEncoding.ClassTarget labels
        && labels.classes().size() > 2) {
      DrawnOutput decision = DrawnOutput.decision(shapes, encoding, first.getKey());
      if (decision != null) {
        return decision;
      }
    }
    Violations ofOutput = new Violations();
    DrawnOutput number = DrawnOutput.number(shapes, encoding, null, ofOutput);
    for (Violation each : ofOutput.list()) {
      found.add("", each.detail() + ": leave 'frames' out");
    }
    return number;
  }

  /** The first units of each hidden layer, in all at most {@link #MOST_NEURONS}. */
  private static Map<String, Integer> neurons(ModelSpec model, NetworkShapes shapes) {
    List<String> hidden =
        model.network().layers().stream()
            .filter(layer -> layer.spec() instanceof CoreSpec.Dense)
            .map(Layer::name)
            .filter(name -> !model.network().outputs().contains(name))
            .filter(name -> shapes.of(name).rank() == 1)
            .limit(MOST_NEURONS)
            .toList();
    Map<String, Integer> neurons = new LinkedHashMap<>();
    for (String layer : hidden) {
      neurons.put(layer, Math.min(shapes.of(layer).last(), MOST_NEURONS / hidden.size()));
    }
    return neurons;
  }

  /** The weights in their order, without those that would be too many numbers. */
  private static List<String> weights(NetworkShapes shapes) {
    List<String> kept = new ArrayList<>();
    long numbers = 0;
    for (WeightSpec weight : shapes.weights()) {
      if (weight.shape().rank() > 0 && numbers + weight.shape().elements() <= MOST_WEIGHTS) {
        kept.add(weight.name());
        numbers += weight.shape().elements();
      }
    }
    return kept;
  }

  /** Adds what of the grid the inputs refuse to encode. */
  public void check(FramesSpec asked, Violations violations) {
    Violations found = new Violations();
    var _ = grid.inputs(0, 1, found);
    var _ = grid.inputs(grid.size() - 1, 1, found);
    for (Violation each : found.list()) {
      boolean ofAxis = each.pointer().equals("/x") || each.pointer().equals("/y");
      violations.add(asked.pointer() + (ofAxis ? each.pointer() : ""), each.detail());
    }
  }

  /** The epochs that have frames: fewer where a frame is large. */
  private FrameTimes times() {
    int units = neurons.values().stream().mapToInt(Integer::intValue).sum();
    int numbers = grid.size() * (1 + units) + (weights.isEmpty() ? 0 : MOST_WEIGHTS);
    return new FrameTimes(Math.clamp(MOST_NUMBERS / numbers, LEAST_FRAMES, MOST_FRAMES));
  }

  public boolean isDue(int epoch) {
    return times().isDue(epoch);
  }

  /** What all frames share: the axes, and what the values of the boundary are. */
  public Frame head() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    put(json.putObject("x"), grid.x());
    put(json.putObject("y"), grid.y());
    json.put("meaning", output.meaning());
    ArrayNode classes = json.putArray("classes");
    output.classes().forEach(classes::add);
    return new Frame(Frame.HEAD, 1, json.toString());
  }

  private static void put(ObjectNode json, GridAxis axis) {
    json.put("column", axis.column());
    ArrayNode values = json.putArray("values");
    for (double value : axis.values()) {
      values.add(rounded(value));
    }
  }

  /**
   * The network after an epoch; null when nobody wants it any more.
   *
   * @param givenUp asked between parts of the grid
   */
  public @Nullable Frame frame(int epoch, LearningNetwork network, BooleanSupplier givenUp) {
    int size = grid.size();
    double[] boundary = new double[size];
    Map<String, double[][]> activations = new LinkedHashMap<>();
    List<String> layers = new ArrayList<>();
    layers.add(output.name());
    neurons.forEach(
        (layer, units) -> {
          activations.put(layer, new double[units][size]);
          if (!layers.contains(layer)) {
            layers.add(layer);
          }
        });
    int atOnce = network.rowsAtOnce();
    for (int from = 0; from < size; from += atOnce) {
      if (givenUp.getAsBoolean()) {
        return null;
      }
      int count = Math.min(atOnce, size - from);
      Map<String, HostTensor> values =
          network.outputs(grid.inputs(from, count, new Violations()), layers);
      HostTensor raw = Objects.requireNonNull(values.get(output.name()));
      HostTensor answer = output.inUnits() ? encoding.inTargetUnits(output.name(), raw) : raw;
      for (int i = 0; i < count; i++) {
        boundary[from + i] = output.value(answer, i);
      }
      for (Map.Entry<String, double[][]> layer : activations.entrySet()) {
        HostTensor own = Objects.requireNonNull(values.get(layer.getKey()));
        int width = own.shape().last();
        double[][] units = layer.getValue();
        for (int unit = 0; unit < units.length; unit++) {
          for (int i = 0; i < count; i++) {
            units[unit][from + i] = own.doubleAt((long) i * width + unit);
          }
        }
      }
    }
    ObjectNode json = json(epoch, boundary, activations, network);
    return new Frame(epoch, times().every(epoch), json.toString());
  }

  private ObjectNode json(
      int epoch, double[] boundary, Map<String, double[][]> activations, LearningNetwork network) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("epoch", epoch);
    if (output.classes().isEmpty()) {
      rows(json.putArray("boundary"), boundary);
    } else {
      indices(json.putArray("boundary"), boundary);
    }
    ObjectNode byLayer = json.putObject("neurons");
    activations.forEach(
        (layer, units) -> {
          ArrayNode own = byLayer.putArray(layer);
          for (double[] unit : units) {
            rows(own.addArray(), unit);
          }
        });
    ObjectNode byName = json.putObject("weights");
    Map<String, HostTensor> all = weights.isEmpty() ? Map.of() : network.weights();
    for (String name : weights) {
      HostTensor tensor = Objects.requireNonNull(all.get(name), name);
      nested(byName.putArray(name), tensor.shape().dims(), 0, tensor::doubleAt);
    }
    return json;
  }

  /** By y, then by x. */
  private void rows(ArrayNode array, double[] values) {
    nested(array, List.of(grid.y().values().length, grid.x().values().length), 0, i -> values[i]);
  }

  private void indices(ArrayNode array, double[] classes) {
    int width = grid.x().values().length;
    for (int from = 0; from < classes.length; from += width) {
      ArrayNode row = array.addArray();
      for (int i = from; i < from + width; i++) {
        row.add((int) classes[i]);
      }
    }
  }

  private static void nested(
      ArrayNode array, List<Integer> dims, int from, IntToDoubleFunction values) {
    int inner = 1;
    for (int dim : dims.subList(1, dims.size())) {
      inner *= dim;
    }
    for (int i = 0; i < dims.getFirst(); i++) {
      int at = from + i * inner;
      if (dims.size() == 1) {
        double value = rounded(values.applyAsDouble(at));
        array.add(StrictJson.number(value));
      } else {
        nested(array.addArray(), dims.subList(1, dims.size()), at, values);
      }
    }
  }

  /** Four digits: a picture shows no more. */
  private static double rounded(double value) {
    if (value == 0 || !Double.isFinite(value)) {
      return value == 0 ? 0 : value;
    }
    int digits = 3 - (int) Math.floor(Math.log10(Math.abs(value)));
    if (Math.abs(digits) > 300) {
      return value;
    }
    // A power of ten is exact only where it is no fraction.
    double power = Math.pow(10, Math.abs(digits));
    return digits >= 0 ? Math.rint(value * power) / power : Math.rint(value / power) * power;
  }
}
