package io.trainyard.inspect.plot;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.error.Violations;
import io.trainyard.inspect.InspectedRows;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.training.AxisSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What to draw of a version.
 *
 * @param fixed the values of the other columns, as an instance has them
 * @param unit a layer, target or unit of a layer; null: the usual one
 * @param dataset whose rows are drawn too; null: the version's own, while it exists
 * @param steps values of each of the two columns
 */
public record PlotRequest(
    Kind kind,
    AxisSpec x,
    AxisSpec y,
    Map<String, JsonNode> fixed,
    @Nullable String unit,
    @Nullable DatasetSelection dataset,
    int steps) {
  private static final int MAX_STEPS = 400;

  /** What a picture shows over two columns. */
  public enum Kind {
    /** The class that the network decides on. */
    BOUNDARY,
    /** Where each neuron of a layer changes its sign. */
    NEURONS,
    /** The number that a unit gives. */
    SURFACE
  }

  /** Reads a body as far as that can be done; the violations say what is wrong with the rest. */
  static PlotRequest read(JsonNode json, Violations violations) {
    JsonObject body = JsonObject.of(json, "", violations);
    if (!body.has("kind")) {
      body.violate("kind", "'kind' is required: boundary, neurons or surface");
    }
    Kind kind = body.choice("kind", Kind.BOUNDARY);
    AxisSpec.Pair axes = AxisSpec.Pair.read(body);
    JsonObject given = body.object("fixed");
    Map<String, JsonNode> fixed = new LinkedHashMap<>();
    if (given != null) {
      for (String column : given.names()) {
        JsonNode value = given.get(column);
        if (value != null) {
          fixed.put(column, value);
        }
      }
    }
    String unit = body.text("unit");
    DatasetSelection dataset = InspectedRows.read(body);
    if (dataset != null && dataset.where() != null) {
      violations.add("/dataset/where", "The rows of a picture are not chosen by a condition");
    }
    int steps = body.integer("steps", 100, 2, MAX_STEPS);
    body.finish();
    return new PlotRequest(kind, axes.x(), axes.y(), fixed, unit, dataset, steps);
  }
}
