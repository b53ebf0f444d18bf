package io.trainyard.api.docs;

import io.trainyard.api.dataset.UploadOptions;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.GivenThresholds;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.job.check.JobRequest;
import io.trainyard.json.JsonObject;
import io.trainyard.json.StrictJson;
import io.trainyard.predict.analysis.AnalysisRequest;
import io.trainyard.spec.SpecReader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The readers of bodies, by the names of their schemas. */
final class Readers {
  private static final Encoding TWO_CLASSES =
      Encoding.fromJson(
          StrictJson.parse(
              """
              {"inputs": {}, "targets": {"y": {"output": "o", "kind": "class", "column": "y",
               "type": "string", "classes": ["a", "b"]}}}
              """));

  /**
   * What a reader made of a body.
   *
   * @param value comparable with that of another body; null when it was refused
   */
  record Reading(@Nullable Object value, List<Violation> faults) {
    boolean isRefused() {
      return !faults.isEmpty();
    }
  }

  private Readers() {}

  static Reading read(String schema, JsonNode body) {
    Violations violations = new Violations();
    // As on the wire: a number that no double holds, for one, is refused before it is read.
    JsonNode json = StrictJson.parse(body.toString());
    Object value =
        switch (schema) {
          case "model" -> SpecReader.model(json, "", violations);
          case "training" -> SpecReader.training(json, "", violations);
          case "job" -> job(json, violations);
          case "dataset-options" -> UploadOptions.read(json, violations);
          case "predict" -> predict(json, violations);
          default -> throw new IllegalArgumentException(schema);
        };
    return new Reading(value, violations.list());
  }

  private static Object job(JsonNode json, Violations violations) {
    JobRequest request = JobRequest.read(json, violations);
    for (String member : List.of("dataset", "training")) {
      if ((json.isObject() && json.path(member).isMissingNode()) || json.path(member).isNull()) {
        violations.add("/" + member, "'" + member + "' is required");
      }
    }
    List<Object> parts = new ArrayList<>();
    parts.add(request.rows());
    parts.add(request.training());
    parts.add(request.resources());
    parts.add(request.priority());
    parts.add(request.initialWeights());
    parts.add(request.onSuccess());
    if (request.modelObject() != null) {
      parts.add(SpecReader.model(request.modelObject(), "/model", violations));
    }
    return parts;
  }

  /** The members that need no model; the rows themselves are read for one. */
  private static Object predict(JsonNode json, Violations violations) {
    JsonObject members = JsonObject.of(json, "", violations);
    JsonNode instances = members.get("instances");
    if (instances == null || !instances.isArray() || instances.isEmpty()) {
      members.violate("instances", "A list was expected");
    }
    List<String> outputs = members.texts("outputs");
    ObjectNode asked = JsonNodeFactory.instance.objectNode();
    for (String name : AnalysisRequest.MEMBERS) {
      JsonNode given = members.get(name);
      if (given != null) {
        asked.set(name, given);
      }
    }
    JsonNode threshold = members.get("threshold");
    if (threshold != null) {
      GivenThresholds.in(threshold, TWO_CLASSES, "/threshold", violations);
    }
    members.finish();
    AnalysisRequest request = AnalysisRequest.read(asked, violations);
    List<Object> parts = new ArrayList<>();
    parts.add(outputs);
    parts.add(request.sampling());
    parts.add(request.explanation());
    return parts;
  }
}
