package io.trainyard.store.job;

import io.trainyard.store.database.Json;
import io.trainyard.train.Checkpoint;
import io.trainyard.train.EnsembleMember;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.StopReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The position of a checkpoint as stored JSON. Doubles keep every bit. */
final class StoredPosition {
  private StoredPosition() {}

  static String write(Checkpoint.Position position) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("epochs", position.epochs());
    json.put("optimizer_steps", position.optimizerSteps());
    json.put("threads", position.threads());
    json.put("elapsed_seconds", position.elapsedSeconds());
    put(json, "best", position.best());
    put(json, "last_values", position.lastValues());
    json.put("stale", position.stale());
    Double stoppingBest = position.stoppingBest();
    json.put("stopping_best", stoppingBest == null ? null : stoppingBest.toString());
    ArrayNode notes = json.putArray("notes");
    position.notes().forEach(notes::add);
    Checkpoint.Place place = position.place();
    if (place != null) {
      ObjectNode stored = json.putObject("place");
      stored.put("phase", place.phase());
      stored.put("repeat", place.repeat());
      stored.put("before", place.before());
      ArrayNode trained = stored.putArray("trained");
      place.trained().forEach(trained::add);
      put(stored, "best", place.best());
    }
    if (!position.members().isEmpty()) {
      ArrayNode members = json.putArray("members");
      position.members().forEach(member -> write(member, members.addObject()));
    }
    return json.toString();
  }

  private static void write(EnsembleMember member, ObjectNode json) {
    json.put("fold", member.fold());
    json.put("seed", member.seed());
    json.put("training_rows", member.trainingRows());
    json.put("validation_rows", member.validationRows());
    json.put("epochs", member.epochs());
    json.put("stop_reason", member.reason().code());
    put(json, "best", member.best());
    put(json, "last", member.last());
    json.put("trial", member.trial());
    json.put("weight", member.weight());
  }

  /** None in checkpoints of other trainings, and of earlier releases. */
  private static List<EnsembleMember> members(JsonNode json) {
    List<EnsembleMember> members = new ArrayList<>();
    for (JsonNode member : json) {
      members.add(
          new EnsembleMember(
              member.path("fold").intValue(),
              member.path("seed").longValue(),
              member.path("training_rows").intValue(),
              member.path("validation_rows").intValue(),
              member.path("epochs").intValue(),
              StopReason.valueOf(member.path("stop_reason").stringValue().toUpperCase(Locale.ROOT)),
              StoredMeasurements.epoch(member.path("best")),
              StoredMeasurements.epoch(member.path("last")),
              member.path("trial").asInt(0),
              member.path("weight").asInt(1)));
    }
    return members;
  }

  private static void put(ObjectNode json, String name, @Nullable EpochRecord record) {
    if (record != null) {
      json.set(name, record.toJson());
    }
  }

  static Checkpoint.Position read(String text) {
    JsonNode json = Json.read(text);
    List<String> notes = new ArrayList<>();
    json.path("notes").forEach(note -> notes.add(note.stringValue()));
    JsonNode stoppingBest = json.path("stopping_best");
    return new Checkpoint.Position(
        json.path("epochs").intValue(),
        json.path("optimizer_steps").longValue(),
        json.path("threads").intValue(),
        json.path("elapsed_seconds").doubleValue(),
        record(json.path("best")),
        record(json.path("last_values")),
        json.path("stale").intValue(),
        stoppingBest.isString() ? Double.valueOf(stoppingBest.stringValue()) : null,
        notes,
        place(json.path("place")),
        members(json.path("members")));
  }

  /** Null in checkpoints of trainings without phases, and of earlier releases. */
  private static Checkpoint.@Nullable Place place(JsonNode json) {
    if (!json.isObject()) {
      return null;
    }
    List<Integer> trained = new ArrayList<>();
    json.path("trained").forEach(epochs -> trained.add(epochs.intValue()));
    return new Checkpoint.Place(
        json.path("phase").intValue(),
        json.path("repeat").intValue(),
        json.path("before").intValue(),
        trained,
        record(json.path("best")));
  }

  private static @Nullable EpochRecord record(JsonNode json) {
    return json.isObject() ? StoredMeasurements.epoch(json) : null;
  }
}
