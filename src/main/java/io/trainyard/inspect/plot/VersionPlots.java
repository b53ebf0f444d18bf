package io.trainyard.inspect.plot;

import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.TimestampText;
import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.grid.DrawnOutput;
import io.trainyard.dataset.grid.GridAxis;
import io.trainyard.dataset.grid.InputGrid;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violations;
import io.trainyard.inspect.Inspections;
import io.trainyard.inspect.TensorRequest;
import io.trainyard.json.JsonObject;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.VersionDefinition;
import io.trainyard.predict.Prediction;
import io.trainyard.predict.Predictor;
import io.trainyard.predict.analysis.TrainingMeans;
import io.trainyard.spec.layer.CoreSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.tensor.HostTensor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Asks a version about a grid over two of its columns. */
@Component
public final class VersionPlots {
  private static final int AT_ONCE = 4096;
  private static final int MAX_NEURONS = 20;

  private final Inspections inspections;
  private final PlotData data;
  private final Predictor predictor;
  private final TrainingMeans means;

  VersionPlots(Inspections inspections, PlotData data, Predictor predictor, TrainingMeans means) {
    this.means = means;
    this.inspections = inspections;
    this.data = data;
    this.predictor = predictor;
  }

  /**
   * Makes the picture that a body asks for and turns it into an answer.
   *
   * @param form draws it, or writes its numbers
   */
  public <T> T draw(ModelVersion version, JsonNode body, Function<Plot, T> form) {
    Violations violations = new Violations();
    PlotRequest request = PlotRequest.read(body, violations);
    return inspections.run(stopped -> form.apply(plot(version, request, violations, stopped)));
  }

  /** What is asked of the network, and what becomes of it. */
  private record Drawing(
      InputGrid grid,
      GridAxis x,
      GridAxis y,
      DrawnOutput output,
      Neurons neurons,
      @Nullable DatasetVersion data) {}

  /**
   * The neurons whose sign is drawn.
   *
   * @param layer "" for none
   */
  private record Neurons(String layer, List<Integer> units) {
    static final Neurons NONE = new Neurons("", List.of());

    String output() {
      return layer + ":pre";
    }
  }

  /**
   * Computes a picture.
   *
   * @param violations what is wrong with the request already
   */
  private Plot plot(
      ModelVersion version, PlotRequest request, Violations violations, BooleanSupplier stopped) {
    VersionDefinition definition = VersionDefinition.of(version.requireIndependentRows());
    Encoding encoding = definition.encoding();
    if (encoding == null || encoding.targets().isEmpty()) {
      throw ServiceException.invalid(
          "", version.reference() + " reads no columns and has no targets that could be drawn");
    }
    if (!InputGrid.suits(encoding)) {
      throw ServiceException.invalid(
          "", version.reference() + " reads windows or tensors, which are not two columns to draw");
    }
    Drawing drawing = drawing(version, definition, encoding, request, violations);
    violations.throwIfAny();
    return compute(version, encoding, request, Objects.requireNonNull(drawing), stopped);
  }

  private @Nullable Drawing drawing(
      ModelVersion version,
      VersionDefinition definition,
      Encoding encoding,
      PlotRequest request,
      Violations violations) {
    Map<String, ColumnEncoding> columns = new LinkedHashMap<>();
    encoding.inputColumns().forEach(column -> columns.put(column.column(), column));
    GridAxis.check(request.x(), "/x", columns, violations);
    GridAxis.check(request.y(), "/y", columns, violations);
    DatasetVersion own = data.find(version, request.dataset(), violations).orElse(null);
    if (!violations.isEmpty()) {
      // What does not depend on the two columns is told with them.
      var _ = output(definition, encoding, request, violations);
      if (request.kind() == PlotRequest.Kind.NEURONS) {
        var _ = neurons(definition, request.unit(), violations);
      }
      return null;
    }
    boolean drawn =
        own != null
            && own.column(request.x().column()).isPresent()
            && own.column(request.y().column()).isPresent();
    if (request.dataset() != null && !drawn) {
      violations.add(
          "/dataset",
          "%s does not have the columns '%s' and '%s'"
              .formatted(request.dataset().name(), request.x().column(), request.y().column()));
    }
    GridAxis x = GridAxis.of(request.x(), "/x", request.steps(), own, violations);
    GridAxis y = GridAxis.of(request.y(), "/y", request.steps(), own, violations);
    Map<String, Object> fixed = fixed(version, columns, request, own, violations);
    DrawnOutput output = output(definition, encoding, request, violations);
    Neurons neurons =
        request.kind() == PlotRequest.Kind.NEURONS
            ? neurons(definition, request.unit(), violations)
            : Neurons.NONE;
    if (output == null || !violations.isEmpty()) {
      return null;
    }
    InputGrid grid = new InputGrid(encoding, x, y, fixed);
    return new Drawing(grid, x, y, output, neurons, drawn ? own : null);
  }

  private Map<String, Object> fixed(
      ModelVersion version,
      Map<String, ColumnEncoding> columns,
      PlotRequest request,
      @Nullable DatasetVersion data,
      Violations violations) {
    for (String given : request.fixed().keySet()) {
      boolean axis = given.equals(request.x().column()) || given.equals(request.y().column());
      if (axis || !columns.containsKey(given)) {
        violations.add(
            "/fixed/" + given,
            axis
                ? "Column '%s' is an axis".formatted(given)
                : "No input reads a column '%s'; they read %s".formatted(given, columns.keySet()));
      }
    }
    Map<String, Object> fixed = new LinkedHashMap<>();
    columns.forEach(
        (name, column) -> {
          if (!name.equals(request.x().column()) && !name.equals(request.y().column())) {
            JsonNode given = request.fixed().get(name);
            Object value = given == null ? usual(version, column, data) : value(given, column);
            if (value == null) {
              violations.add(
                  "/fixed/" + name,
                  given == null
                      ? "No dataset says what '%1$s' usually is: give its value, {\"%1$s\": ...}"
                          .formatted(name)
                      : "A %s was expected, got %s"
                          .formatted(expected(column), JsonObject.describe(given)));
            } else {
              fixed.put(name, value);
            }
          }
        });
    return fixed;
  }

  private @Nullable Object usual(
      ModelVersion version, ColumnEncoding column, @Nullable DatasetVersion data) {
    return column instanceof ColumnEncoding.Numeric number && number.isTime()
        ? means.time(version, number)
        : InputGrid.usual(column, data);
  }

  private static String expected(ColumnEncoding column) {
    return switch (column) {
      case ColumnEncoding.Numeric number when number.isTime() ->
          "time such as \"2026-01-31T12:00:00Z\"";
      case ColumnEncoding.Numeric _ -> "number";
      case ColumnEncoding.Category _ -> "category";
    };
  }

  private static @Nullable Object value(JsonNode given, ColumnEncoding column) {
    if (column instanceof ColumnEncoding.Numeric number && number.isTime()) {
      boolean time = given.isString() && TimestampText.matches(given.stringValue());
      return time
          ? (Double)
              (TimestampText.micros(given.stringValue().getBytes(StandardCharsets.UTF_8))
                  / ColumnEncoding.Numeric.MICROS)
          : null;
    }
    if (given.isNumber()) {
      return Double.isFinite(given.doubleValue()) ? given.doubleValue() : null;
    }
    boolean category = column instanceof ColumnEncoding.Category;
    return category && (given.isString() || given.isBoolean()) ? given.asString() : null;
  }

  private static @Nullable DrawnOutput output(
      VersionDefinition definition, Encoding encoding, PlotRequest request, Violations violations) {
    if (request.kind() == PlotRequest.Kind.SURFACE) {
      return DrawnOutput.number(definition.shapes(), encoding, request.unit(), violations);
    }
    boolean neurons = request.kind() == PlotRequest.Kind.NEURONS;
    DrawnOutput decision =
        DrawnOutput.decision(definition.shapes(), encoding, neurons ? null : request.unit());
    if (decision == null && neurons) {
      return DrawnOutput.number(definition.shapes(), encoding, null, violations);
    }
    if (decision == null) {
      violations.add(
          request.unit() == null ? "/kind" : "/unit",
          "No %s decides between classes; a surface shows numbers"
              .formatted(request.unit() == null ? "target" : "target '" + request.unit() + "'"));
    } else if (decision.classes().size() > Charts.colors()) {
      violations.add(
          "/kind",
          "A picture shows at most %d classes, and '%s' has %d; a surface shows one of them"
              .formatted(Charts.colors(), decision.meaning(), decision.classes().size()));
    }
    return decision;
  }

  /** A layer's neurons: of the layer asked for, else of the first that is not an output. */
  private static Neurons neurons(
      VersionDefinition definition, @Nullable String unit, Violations violations) {
    List<String> dense = new ArrayList<>();
    for (Layer layer : definition.spec().network().layers()) {
      if (layer.spec() instanceof CoreSpec.Dense) {
        dense.add(layer.name());
      }
    }
    List<String> outputs = definition.spec().network().outputs();
    String first = dense.stream().filter(name -> !outputs.contains(name)).findFirst().orElse("");
    String usual = first.isEmpty() && !dense.isEmpty() ? dense.getFirst() : first;
    String layer = unit == null ? usual : DrawnOutput.layer(unit);
    if (!dense.contains(layer) || definition.shapes().of(layer).rank() != 1) {
      violations.add(
          "/unit", "A dense layer was expected, got '%s'; there are %s".formatted(layer, dense));
      return Neurons.NONE;
    }
    int width = definition.shapes().of(layer).last();
    int index = unit == null ? -1 : DrawnOutput.index(unit);
    if (index >= width || (index < 0 && width > MAX_NEURONS)) {
      violations.add(
          "/unit",
          index >= width
              ? "Layer '%s' has the neurons 0 to %d, not %d".formatted(layer, width - 1, index)
              : "Layer '%1$s' has %2$d neurons, and a picture shows at most %3$d: choose one, as \"%1$s/0\""
                  .formatted(layer, width, MAX_NEURONS));
      return Neurons.NONE;
    }
    List<Integer> units = new ArrayList<>();
    for (int i = Math.max(0, index); i < (index < 0 ? width : index + 1); i++) {
      units.add(i);
    }
    return new Neurons(layer, units);
  }

  private Plot compute(
      ModelVersion version,
      Encoding encoding,
      PlotRequest request,
      Drawing drawing,
      BooleanSupplier stopped) {
    int width = drawing.x().values().length;
    int height = drawing.y().values().length;
    Neurons neurons = drawing.neurons();
    double[][] values = new double[height][width];
    double[][][] signs = new double[neurons.units().size()][height][width];
    List<String> outputs = new ArrayList<>();
    DrawnOutput output = drawing.output();
    if (!version.modelSpec().network().outputs().contains(output.name())) {
      outputs.add(output.name());
    }
    if (!neurons.units().isEmpty()) {
      outputs.add(neurons.output());
    }
    String number = String.valueOf(version.version());
    for (int from = 0; from < drawing.grid().size(); from += AT_ONCE) {
      if (stopped.getAsBoolean()) {
        throw new CancellationException();
      }
      int count = Math.min(AT_ONCE, drawing.grid().size() - from);
      Violations violations = new Violations();
      Map<String, HostTensor> inputs = drawing.grid().inputs(from, count, violations);
      violations.throwIfAny();
      try (Prediction prediction =
          predictor.predict(version.model(), number, new TensorRequest(inputs, outputs))) {
        HostTensor raw = prediction.output(output.name());
        HostTensor tensor = output.inUnits() ? encoding.inTargetUnits(output.name(), raw) : raw;
        for (int i = 0; i < count; i++) {
          int cell = from + i;
          values[cell / width][cell % width] = output.value(tensor, i);
        }
        if (!neurons.units().isEmpty()) {
          HostTensor before = prediction.output(neurons.output());
          int units = before.shape().last();
          for (int n = 0; n < signs.length; n++) {
            for (int i = 0; i < count; i++) {
              int cell = from + i;
              signs[n][cell / width][cell % width] =
                  before.doubleAt((long) i * units + neurons.units().get(n));
            }
          }
        }
      }
    }
    List<GridPlot.Contour> contours = new ArrayList<>();
    for (int n = 0; n < signs.length; n++) {
      contours.add(
          new GridPlot.Contour(
              neurons.layer() + "/" + neurons.units().get(n),
              Contours.of(drawing.x().values(), drawing.y().values(), signs[n])));
    }
    return new GridPlot(
        request.kind().name().toLowerCase(Locale.ROOT),
        title(version, request, drawing),
        drawing.x(),
        drawing.y(),
        output.classes(),
        values,
        output.meaning(),
        contours,
        points(drawing, stopped));
  }

  private List<GridPlot.Point> points(Drawing drawing, BooleanSupplier stopped) {
    DatasetVersion own = drawing.data();
    return own == null
        ? List.of()
        : data.points(
            own,
            drawing.x().column(),
            drawing.y().column(),
            drawing.output().target(),
            drawing.output()::label,
            stopped);
  }

  private static String title(ModelVersion version, PlotRequest request, Drawing drawing) {
    String meaning = drawing.output().meaning();
    return switch (request.kind()) {
      case BOUNDARY -> "Decision of %s on %s".formatted(version.reference(), meaning);
      case NEURONS ->
          "Neurons of %s in %s".formatted(drawing.neurons().layer(), version.reference());
      case SURFACE -> "%s by %s".formatted(meaning, version.reference());
    };
  }
}
