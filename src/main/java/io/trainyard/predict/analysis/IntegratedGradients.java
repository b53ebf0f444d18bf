package io.trainyard.predict.analysis;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.json.StrictJson;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.predict.Computation;
import io.trainyard.predict.LoadedModel;
import io.trainyard.predict.analysis.AnalysisRequest.Explanation;
import io.trainyard.spec.ForwardPlan;
import io.trainyard.spec.ForwardPlan.RowCost;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.check.Warning;
import io.trainyard.spec.layer.Layer;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Integrated gradients: the share of element i is (xᵢ − bᵢ) · mean over k of ∂f/∂xᵢ at b + (k +
 * ½)/n · (x − b), for k from 0 to n − 1: the midpoint rule. The shares of a row sum to f(x) − f(b);
 * a row that misses it is computed again with more steps. Source: Sundararajan, Taly and Yan 2017.
 */
final class IntegratedGradients implements Analysis.OfRows {
  static final String SHARES = "attributions";
  static final String BASELINE_OUTPUT = "baseline_output";

  /** Shares sum to the difference within this part of it, or of the rounding of the shares. */
  private static final double WITHIN = 0.01;

  private static final double ROUNDING = 1e-4;

  /** How many times the steps a row may take that misses the difference. */
  private static final int[] REFINED = {8, 64};

  private final Computation computation;
  private final ExplainedValue explained;
  private final Map<String, HostTensor> baseline;
  private final @Nullable Warning warning;
  private final RowCost cost;
  private final double[] baselineOutputs;
  private final double[] differences;

  /** By input, [rows · elements of a row]. */
  private final Map<String, double[]> shares = new LinkedHashMap<>();

  private IntegratedGradients(Computation computation, ExplainedValue explained, Baseline start) {
    this.computation = computation;
    this.explained = explained;
    this.baseline = start.row();
    this.warning = start.warning();
    LoadedModel model = computation.model();
    NetworkSpec network = model.definition().spec().network();
    this.cost =
        ForwardPlan.of(network, List.of(explained.value()))
            .gradientCost(model.definition().shapes());
    this.baselineOutputs = new double[computation.rows()];
    this.differences = new double[computation.rows()];
    baseline.forEach(
        (name, row) ->
            shares.put(
                name,
                new double[Math.multiplyExact(computation.rows(), (int) row.shape().elements())]));
  }

  static IntegratedGradients of(Explanation asked, Computation computation, TrainingMeans means) {
    ExplainedValue explained = ExplainedValue.of(asked, computation);
    Baseline baseline = Baseline.of(asked.baseline(), computation.model(), means);
    checkGradient(explained.value(), computation.model().definition().spec().network());
    computation.reserve(computation.model().rowCost().inputBytes() * 2, "attributions");
    var gradients = new IntegratedGradients(computation, explained, baseline);
    gradients.computeOutputs();
    gradients.compute(asked.steps());
    return gradients;
  }

  /** Refuses a function without a gradient anywhere between the inputs and the value. */
  private static void checkGradient(String value, NetworkSpec network) {
    ForwardPlan plan = ForwardPlan.of(network, List.of(value));
    for (int i = 0; i < network.layers().size(); i++) {
      Layer layer = network.layers().get(i);
      boolean isBefore =
          ForwardPlan.isBeforeActivation(value) && layer.name().equals(ForwardPlan.layerOf(value));
      boolean passes =
          isBefore
              || IntStream.range(0, layer.inputs().size())
                  .allMatch(input -> layer.spec().passesGradient(layer, input));
      if (plan.needs(i) && !passes) {
        throw ServiceException.invalid(
            "/explain",
            "Layer '%s' has no gradient: %s. The shares would not sum to the difference"
                .formatted(layer.name(), layer.spec().gradientStopper()));
      }
    }
  }

  /** f(b), and f(x) − f(b), in own units. */
  private void computeOutputs() {
    int width = Math.toIntExact(explained.shape().elements());
    double[] atBaseline = new double[width];
    List<String> value = List.of(explained.value());
    computation.each(
        1,
        cost,
        (network, from, count, stopped) -> {
          HostTensor output = only(network.forward(baseline, value, stopped));
          Arrays.setAll(atBaseline, output::doubleAt);
        });
    computation.each(
        computation.rows(),
        cost,
        (network, from, count, stopped) -> {
          Map<String, HostTensor> rows =
              DropoutSamples.repeated(computation.inputs(), from, count, 1);
          HostTensor output = only(network.forward(rows, value, stopped));
          for (int i = 0; i < count; i++) {
            int row = (int) from + i;
            int element = explained.elements()[row];
            baselineOutputs[row] = explained.of(row, atBaseline[element]);
            differences[row] =
                explained.of(row, output.doubleAt((long) i * width + element))
                    - baselineOutputs[row];
          }
        });
  }

  private static HostTensor only(Map<String, HostTensor> outputs) {
    return outputs.values().iterator().next();
  }

  private void compute(int steps) {
    int[] rows = IntStream.range(0, computation.rows()).toArray();
    compute(rows, steps);
    for (int times : REFINED) {
      rows = incomplete();
      if (rows.length > 0) {
        compute(rows, steps * times);
      }
    }
    rows = incomplete();
    if (rows.length > 0) {
      throw ServiceException.invalid(
          Violation.pointer("/instances", rows[0]),
          "Its shares sum to %.4g and not to the difference %.4g, even with %d steps: the output jumps between the baseline and the instance"
              .formatted(sum(rows[0]), differences[rows[0]], steps * REFINED[REFINED.length - 1]));
    }
  }

  /** The rows whose shares do not sum to the difference. */
  private int[] incomplete() {
    return IntStream.range(0, computation.rows()).filter(row -> !isComplete(row)).toArray();
  }

  private boolean isComplete(int row) {
    double difference = differences[row];
    double size = Math.abs(baselineOutputs[row]) + Math.abs(difference);
    for (Map.Entry<String, double[]> input : shares.entrySet()) {
      for (double share : of(input.getKey(), row)) {
        size += Math.abs(share);
      }
    }
    double off = Math.abs(sum(row) - difference);
    // What is not finite has no share, and no number of steps helps.
    return !(off > Math.max(WITHIN / 2 * Math.abs(difference), ROUNDING * size));
  }

  private double sum(int row) {
    return shares.keySet().stream().mapToDouble(input -> Arrays.stream(of(input, row)).sum()).sum();
  }

  /** The shares of a row's elements. */
  private double[] of(String input, int row) {
    double[] all = Objects.requireNonNull(shares.get(input));
    int width = all.length / computation.rows();
    return Arrays.copyOfRange(all, row * width, (row + 1) * width);
  }

  private void compute(int[] rows, int steps) {
    for (double[] all : shares.values()) {
      int width = all.length / computation.rows();
      for (int row : rows) {
        Arrays.fill(all, row * width, (row + 1) * width, 0);
      }
    }
    computation.each(
        (long) rows.length * steps,
        cost,
        (network, from, count, stopped) -> add(network, rows, steps, from, count, stopped));
  }

  private void add(
      LoadedNetwork.Differentiable network,
      int[] rows,
      int steps,
      long from,
      int count,
      BooleanSupplier stopped) {
    Map<String, HostTensor> points = new LinkedHashMap<>();
    baseline.forEach(
        (name, start) -> points.put(name, points(name, start, rows, steps, from, count)));
    Map<String, HostTensor> gradients =
        network.gradients(points, explained.value(), weights(rows, steps, from, count), stopped);
    baseline.forEach(
        (name, start) -> {
          HostTensor gradient = Objects.requireNonNull(gradients.get(name));
          HostTensor inputs = Objects.requireNonNull(computation.inputs().get(name));
          double[] all = Objects.requireNonNull(shares.get(name));
          int width = (int) start.shape().elements();
          for (int i = 0; i < count; i++) {
            int row = rows[(int) ((from + i) / steps)];
            double unit = explained.unit() / steps;
            for (int e = 0; e < width; e++) {
              double way = inputs.doubleAt((long) row * width + e) - start.doubleAt(e);
              all[row * width + e] += way * gradient.doubleAt((long) i * width + e) * unit;
            }
          }
        });
  }

  /** Points on the ways from the baseline to the rows. */
  private HostTensor points(
      String name, HostTensor start, int[] rows, int steps, long from, int count) {
    HostTensor inputs = Objects.requireNonNull(computation.inputs().get(name));
    HostTensor points =
        HostTensor.allocate(ElementType.FLOAT32, start.shape().row().batched(count));
    int width = (int) start.shape().elements();
    for (int i = 0; i < count; i++) {
      long row = rows[(int) ((from + i) / steps)];
      double part = ((from + i) % steps + 0.5) / steps;
      for (int e = 0; e < width; e++) {
        double begin = start.doubleAt(e);
        double end = inputs.doubleAt(row * width + e);
        points.setFloat((long) i * width + e, (float) (begin + part * (end - begin)));
      }
    }
    return points;
  }

  /** The sign of the explained element of each point, and 0 elsewhere. */
  private HostTensor weights(int[] rows, int steps, long from, int count) {
    Shape shape = explained.shape();
    HostTensor weights = HostTensor.allocate(ElementType.FLOAT32, shape.batched(count));
    for (int i = 0; i < count; i++) {
      int row = rows[(int) ((from + i) / steps)];
      weights.setFloat(i * shape.elements() + explained.elements()[row], explained.signs()[row]);
    }
    return weights;
  }

  @Override
  public List<String> members() {
    return List.of(SHARES, BASELINE_OUTPUT);
  }

  @Override
  public Optional<Warning> warning() {
    return Optional.ofNullable(warning);
  }

  @Override
  public void addTo(int row, ObjectNode prediction) {
    Encoding encoding = computation.model().definition().encoding();
    ObjectNode byColumn = prediction.putObject(SHARES);
    for (String input : shares.keySet()) {
      double[] own = of(input, row);
      if (encoding == null) {
        Shape shape = Objects.requireNonNull(baseline.get(input)).shape().row();
        byColumn.set(input, ColumnNumbers.nested(shape, own));
      } else {
        var columns = Objects.requireNonNull(encoding.inputs().get(input));
        ColumnNumbers.of(columns, own, true)
            .properties()
            .forEach(
                column ->
                    byColumn.set(
                        column.getKey(), sum(byColumn.get(column.getKey()), column.getValue())));
      }
    }
    prediction.set(BASELINE_OUTPUT, StrictJson.number(baselineOutputs[row]));
  }

  /** The shares of a column that several inputs read. */
  private static JsonNode sum(@Nullable JsonNode known, JsonNode added) {
    if (known == null) {
      return added;
    }
    if (known.isArray() && added.isArray() && known.size() == added.size()) {
      ArrayNode sums = JsonNodeFactory.instance.arrayNode();
      for (int i = 0; i < added.size(); i++) {
        sums.add(sum(known.get(i), added.get(i)));
      }
      return sums;
    }
    return StrictJson.number(total(known) + total(added));
  }

  private static double total(JsonNode shares) {
    double total = shares.asDouble(0);
    for (JsonNode each : shares) {
      total += total(each);
    }
    return total;
  }
}
