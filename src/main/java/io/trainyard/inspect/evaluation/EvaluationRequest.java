package io.trainyard.inspect.evaluation;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.error.Violations;
import io.trainyard.inspect.InspectedRows;
import io.trainyard.json.JsonObject;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What to evaluate a version on.
 *
 * @param dataset null when it cannot be read
 * @param metrics as a training lists them; null: those that suit each target
 */
record EvaluationRequest(
    @Nullable DatasetSelection dataset, @Nullable JsonNode metrics, EvaluationDetails details) {
  /** Reads a body as far as that can be done; the violations say what is wrong with the rest. */
  static EvaluationRequest read(JsonNode json, Violations violations) {
    JsonObject body = JsonObject.of(json, "", violations);
    if (!body.has("dataset")) {
      body.violate("dataset", "'dataset' is required: {\"name\": ..., \"version\": ...}");
    }
    DatasetSelection dataset = InspectedRows.read(body);
    JsonNode metrics = body.get("metrics");
    EvaluationDetails details = EvaluationDetails.read(body);
    body.finish();
    return new EvaluationRequest(dataset, metrics, details);
  }
}
