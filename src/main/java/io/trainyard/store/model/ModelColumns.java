package io.trainyard.store.model;

import io.trainyard.access.Names;
import io.trainyard.label.Labels;
import io.trainyard.model.Alias;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.Provenance;
import io.trainyard.model.StoredWeights;
import io.trainyard.model.VersionDefinition;
import io.trainyard.spec.SpecReader;
import io.trainyard.store.database.Json;
import io.trainyard.store.database.TableRules;
import io.trainyard.store.label.LabelColumns;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** What the columns of the tables of models hold. */
public final class ModelColumns {
  private static final String NAME =
      "a model name, of at most 63 characters of a-z, 0-9, '.', '_' and '-'";
  private static final String ALIAS =
      "an alias, of at most 63 characters of a-z, 0-9, '.', '_' and '-'";

  public static final List<TableRules> RULES =
      List.of(
          LabelColumns.rules(
              TableRules.of("models")
                  .atLeast(1, "id")
                  .atLeast(0, "spec_bytes")
                  .counter(1, "revision", "next_version")
                  .text("name", NAME, Names::isName)
                  .document("spec", "a model object", ModelColumns::readSpec)
                  .row("spec", "a model object with the name of its row", ModelColumns::readName)
                  .any("created_at", "updated_at", "owner", "grants_production")),
          LabelColumns.rules(
              TableRules.of("model_versions")
                  .atLeast(1, "id", "model_id")
                  .counter(1, "version")
                  .atLeast(0, "weights_bytes")
                  .document("spec", "a model object", ModelColumns::readSpec)
                  .row(
                      "encoding", "the encoding of the model in spec", ModelColumns::readDefinition)
                  .object("metrics")
                  .document(
                      "provenance",
                      "where weights come from",
                      text -> {
                        Provenance _ = ProvenanceJson.read(Json.readObject(text));
                      })
                  .sha256("weights_sha256")
                  .any("job", "created_at", "owner")),
          LabelColumns.tagRules("model_tags", "model_id"),
          LabelColumns.tagRules("model_version_tags", "version_id"),
          TableRules.of("version_needs").atLeast(1, "version_id", "needed_id"),
          TableRules.of("alias_moves")
              .atLeast(1, "id", "model_id", "version", "back_to")
              .text("alias", ALIAS, Alias::isName)
              .any("moved_at", "moved_by", "granted"),
          TableRules.of("aliases")
              .atLeast(1, "model_id", "version", "move_id")
              .text("name", ALIAS, Alias::isName),
          TableRules.of("model_holds").atLeast(1, "model_id").any("holder"),
          TableRules.of("version_holds").atLeast(1, "version_id").any("holder"),
          TableRules.of("version_serving")
              .atLeast(1, "version_id")
              .counter(0, "loads")
              .any("unloaded", "pinned", "quarantine"),
          TableRules.of("model_serving")
              .atLeast(1, "model_id", "max_batch_rows", "max_concurrency", "timeout_millis")
              .counter(1, "revision"));

  private ModelColumns() {}

  private static void readSpec(String text) {
    var _ = SpecReader.model(Json.readObject(text));
  }

  private static void readName(JsonNode row) {
    String name = Json.read(row.path("spec").stringValue()).path("name").asString("");
    if (!name.equals(row.path("name").stringValue())) {
      throw new IllegalArgumentException("its name is '" + name + "'");
    }
  }

  /** The whole version, except its weights. */
  private static void readDefinition(JsonNode row) {
    JsonNode encoding = row.path("encoding");
    var _ =
        VersionDefinition.of(
            new ModelVersion(
                1,
                "any",
                1,
                Json.read(row.path("spec").stringValue()),
                encoding.isString() ? Json.readObject(encoding.stringValue()) : null,
                Json.read("{}"),
                new Provenance.Imported(Map.of()),
                new StoredWeights("", 0),
                List.of(),
                Instant.EPOCH,
                Labels.NONE));
  }
}
