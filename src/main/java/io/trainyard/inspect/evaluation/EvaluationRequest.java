package io.trainyard.inspect.evaluation;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.error.Violations;
import io.trainyard.inspect.InspectedRows;
import io.trainyard.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What to evaluate a version on.
 *
 * @param dataset null when it cannot be read
 * @param metrics as a training lists them; null: those that suit each target
 * @param importance null: no column is permuted
 */
public record EvaluationRequest(
    @Nullable DatasetSelection dataset,
    @Nullable JsonNode metrics,
    @Nullable Importance importance) {
  private static final int MAX_REPEATS = 100;
  private static final long MAX_SEED = (1L << 53) - 1;

  /**
   * How columns are permuted.
   *
   * @param columns null: every input column
   */
  public record Importance(int repeats, long seed, @Nullable List<String> columns) {}

  /** Reads a body as far as that can be done; the violations say what is wrong with the rest. */
  static EvaluationRequest read(JsonNode json, Violations violations) {
    JsonObject body = JsonObject.of(json, "", violations);
    if (!body.has("dataset")) {
      body.violate("dataset", "'dataset' is required: {\"name\": ..., \"version\": ...}");
    }
    DatasetSelection dataset = InspectedRows.read(body);
    JsonNode metrics = body.get("metrics");
    JsonObject permuted = body.object("permutation_importance");
    Importance importance = permuted == null ? null : importance(permuted);
    body.finish();
    return new EvaluationRequest(dataset, metrics, importance);
  }

  private static Importance importance(JsonObject json) {
    Importance importance =
        new Importance(
            json.integer("repeats", 5, 1, MAX_REPEATS),
            json.integer("seed", 0L, 0, MAX_SEED),
            json.texts("columns"));
    json.finish();
    return importance;
  }
}
