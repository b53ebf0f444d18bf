package io.trainyard.job.prediction;

import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.GivenThresholds;
import io.trainyard.error.Violations;
import io.trainyard.job.check.JobRequest;
import io.trainyard.json.JsonObject;
import io.trainyard.label.LabelPatch;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The body of a batch prediction.
 *
 * @param version a number, an alias or {@code latest}; null: the default
 * @param datasetVersion null: the newest
 * @param outputs layers wanted in addition to the predictions
 * @param threshold decides in place of the version's; null: that one
 * @param result the name of the new dataset
 * @param prefix begins the names of the new columns
 * @param onError what becomes of rows that the version cannot read
 */
record PredictionRequest(
    String model,
    @Nullable String version,
    String dataset,
    @Nullable Integer datasetVersion,
    List<String> outputs,
    @Nullable JsonNode threshold,
    String result,
    String prefix,
    OnError onError,
    JobRequest.Resources resources,
    int priority) {
  static final String PREFIX = "predicted_";
  private static final int MAX_PREFIX = 64;

  PredictionRequest {
    outputs = List.copyOf(outputs);
  }

  /** What becomes of rows that a version cannot read. */
  enum OnError {
    /** They refuse the job. */
    REJECT,
    /** Their predictions are missing. */
    SKIP
  }

  boolean skips() {
    return onError == OnError.SKIP;
  }

  static PredictionRequest read(JsonNode json, Violations violations) {
    JsonObject body = JsonObject.of(json, "", violations);
    String model = body.requiredText("model");
    String version = version(body);
    JsonObject dataset = required(body, "dataset", "{\"name\": \"flowers\"}");
    JsonObject result = required(body, "result", "{\"dataset\": \"predicted-flowers\"}");
    List<String> outputs = body.texts("outputs");
    var request =
        new PredictionRequest(
            model,
            version,
            dataset.requiredText("name"),
            dataset.has("version")
                ? (Integer) dataset.integer("version", 1, 1, Integer.MAX_VALUE)
                : null,
            outputs == null ? List.of() : outputs,
            body.get("threshold"),
            result.requiredText("dataset"),
            result.text("prefix", PREFIX),
            body.choice("on_error", OnError.REJECT),
            JobRequest.Resources.read(body),
            body.integer("priority", 0, -JobRequest.MAX_PRIORITY, JobRequest.MAX_PRIORITY));
    if (result.hasText("dataset") && !DatasetVersion.isName(request.result)) {
      result.violate("dataset", DatasetVersion.nameRule(request.result));
    }
    if (request.prefix.length() > MAX_PREFIX
        || request.prefix.chars().anyMatch(Character::isISOControl)) {
      result.violate(
          "prefix", "At most %d characters were expected, none of control".formatted(MAX_PREFIX));
    }
    LabelPatch.check(body);
    dataset.finish();
    result.finish();
    body.finish();
    return request;
  }

  /** The encoding of a version, with the thresholds of this request. */
  Encoding encoding(Encoding stored, Violations violations) {
    return threshold == null
        ? stored
        : GivenThresholds.in(threshold, stored, "/threshold", violations);
  }

  /** A number, or the name of an alias. */
  private static @Nullable String version(JsonObject body) {
    JsonNode version = body.get("version");
    if (version == null || version.isString()) {
      return body.text("version");
    }
    return String.valueOf(body.integer("version", 1, 1, Integer.MAX_VALUE));
  }

  private static JsonObject required(JsonObject body, String member, String example) {
    if (!body.has(member)) {
      body.violate(member, "'%s' is required: %s".formatted(member, example));
      return JsonObject.none(new Violations());
    }
    return JsonObject.of(body.get(member), body.pointer(member), body.violations());
  }
}
