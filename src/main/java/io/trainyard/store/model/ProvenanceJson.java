package io.trainyard.store.model;

import io.trainyard.model.Provenance;
import io.trainyard.tensor.Device;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The stored JSON of a version's provenance; a trained version has a member {@code job}. */
final class ProvenanceJson {
  private ProvenanceJson() {}

  static ObjectNode of(Provenance provenance) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (provenance instanceof Provenance.Trained trained) {
      json.put("job", trained.job())
          .put("dataset", trained.dataset())
          .put("sha256", trained.sha256())
          .put("seed", trained.seed())
          .put("device", trained.device().code())
          .put("threads", trained.threads());
      if (trained.training() != null) {
        json.set("training", trained.training());
      }
    }
    ObjectNode libraries = json.putObject("libraries");
    new TreeMap<>(provenance.libraries()).forEach(libraries::put);
    return json;
  }

  static Provenance read(JsonNode json) {
    Map<String, String> libraries = new TreeMap<>();
    json.path("libraries")
        .properties()
        .forEach(library -> libraries.put(library.getKey(), library.getValue().asString()));
    if (!json.has("job")) {
      return new Provenance.Imported(libraries);
    }
    return new Provenance.Trained(
        json.get("job").stringValue(),
        json.get("dataset").stringValue(),
        json.get("sha256").stringValue(),
        json.get("seed").longValue(),
        Device.of(json.get("device").stringValue()),
        json.get("threads").intValue(),
        libraries,
        json.get("training"));
  }
}
