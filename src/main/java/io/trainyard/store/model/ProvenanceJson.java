package io.trainyard.store.model;

import io.trainyard.dataset.encoding.TableFacts;
import io.trainyard.model.EnsembleChoice;
import io.trainyard.model.Provenance;
import io.trainyard.tensor.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
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
      if (!trained.members().isEmpty()) {
        ArrayNode members = json.putArray("members");
        trained.members().forEach(member -> write(member, members.addObject()));
      }
      if (trained.ensemble() != null) {
        json.set("ensemble", trained.ensemble().toJson());
      }
    }
    if (provenance.table() != null) {
      json.set("table", provenance.table().toJson());
    }
    ObjectNode libraries = json.putObject("libraries");
    new TreeMap<>(provenance.libraries()).forEach(libraries::put);
    return json;
  }

  private static void write(Provenance.Member member, ObjectNode json) {
    if (member.fold() != null) {
      json.put("fold", member.fold());
    }
    json.put("seed", member.seed())
        .put("training_rows", member.trainingRows())
        .put("validation_rows", member.validationRows())
        .put("epochs", member.epochs())
        .put("best_epoch", member.bestEpoch())
        .put("stop_reason", member.stopReason())
        .set("metrics", member.metrics());
    if (member.trial() != null) {
      json.put("trial", member.trial()).put("weight", member.weight());
    }
  }

  private static List<Provenance.Member> members(JsonNode json) {
    List<Provenance.Member> members = new ArrayList<>();
    for (JsonNode member : json) {
      members.add(
          new Provenance.Member(
              member.has("fold") ? member.get("fold").intValue() : null,
              member.path("seed").longValue(),
              member.path("training_rows").intValue(),
              member.path("validation_rows").intValue(),
              member.path("epochs").intValue(),
              member.path("best_epoch").intValue(),
              member.path("stop_reason").stringValue(""),
              member.path("metrics"),
              member.has("trial") ? member.get("trial").intValue() : null,
              member.has("weight") ? member.get("weight").doubleValue() : null));
    }
    return members;
  }

  static Provenance read(JsonNode json) {
    Map<String, String> libraries = new TreeMap<>();
    json.path("libraries")
        .properties()
        .forEach(library -> libraries.put(library.getKey(), library.getValue().asString()));
    if (!json.has("job")) {
      return new Provenance.Imported(libraries, table(json));
    }
    return new Provenance.Trained(
        json.get("job").stringValue(),
        json.get("dataset").stringValue(),
        json.get("sha256").stringValue(),
        json.get("seed").longValue(),
        Device.of(json.get("device").stringValue()),
        json.get("threads").intValue(),
        libraries,
        json.get("training"),
        members(json.path("members")),
        json.has("ensemble") ? EnsembleChoice.of(json.get("ensemble")) : null,
        table(json));
  }

  private static @Nullable TableFacts table(JsonNode json) {
    return json.has("table") ? TableFacts.fromJson(json.get("table")) : null;
  }
}
