package io.trainyard.predict;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.TableFacts;
import io.trainyard.engine.TestEngine;
import io.trainyard.json.StrictJson;
import io.trainyard.label.Labels;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.Provenance;
import io.trainyard.model.StoredWeights;
import io.trainyard.model.VersionDefinition;
import io.trainyard.spec.ModelSpec;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Models in memory whose network gives nothing, and memory for their requests. */
public final class TestModels {
  private TestModels() {}

  /**
   * A model from JSON with ' for ".
   *
   * @param unread columns that its instances may have, too
   */
  public static LoadedModel loaded(String model, @Nullable String encoding, String... unread) {
    ModelSpec spec = TestEngine.model(model);
    Encoding learned =
        encoding == null
            ? null
            : Encoding.fromJson(StrictJson.parse(encoding.replace('\'', '"')))
                .with(new TableFacts(List.of(unread), Map.of()));
    VersionDefinition definition =
        new VersionDefinition(
            spec, learned, TestEngine.shapes(spec, VersionDefinition.inputShapes(spec, learned)));
    return new LoadedModel(
        version(1, "m", StrictJson.parse(model.replace('\'', '"'))),
        definition,
        new SharedNetwork(new FakeNetwork()));
  }

  /** The first version of a model, without a network. */
  static ModelVersion version(long id, String model) {
    return version(id, model, JsonNodeFactory.instance.objectNode());
  }

  private static ModelVersion version(long id, String model, JsonNode spec) {
    return new ModelVersion(
        id,
        model,
        1,
        spec,
        null,
        JsonNodeFactory.instance.objectNode(),
        new Provenance.Imported(Map.of()),
        new StoredWeights("00", 0),
        List.of(),
        Instant.EPOCH,
        Labels.NONE);
  }

  /** Memory for requests of any size. */
  public static ByteBudget.Reservation memory(boolean heap) {
    return new ByteBudget(1L << 32).open(heap);
  }
}
