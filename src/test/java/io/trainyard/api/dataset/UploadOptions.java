package io.trainyard.api.dataset;

import io.trainyard.dataset.IngestOptions;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import tools.jackson.databind.JsonNode;

/** Reads the options of an upload as the part {@code options} is read. */
public final class UploadOptions {
  private UploadOptions() {}

  public static IngestOptions read(JsonNode json, Violations violations) {
    JsonObject members = JsonObject.of(json, "", violations);
    members.text("name");
    return IngestOptionsReader.read(members, violations);
  }
}
