package io.trainyard.job.process;

import io.trainyard.model.NewVersion;
import io.trainyard.model.Provenance;
import io.trainyard.model.StoredWeights;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** What another process needs to load a version that is not published yet. */
public record ProposedVersion(
    String model, JsonNode spec, @Nullable JsonNode encoding, StoredWeights weights) {
  public ProposedVersion {
    encoding = encoding == null || encoding.isNull() ? null : encoding;
  }

  public static ProposedVersion of(NewVersion version) {
    return new ProposedVersion(
        version.model(), version.spec(), version.encoding(), version.weights());
  }

  /** The version, without what loading does not read. */
  public NewVersion toLoad() {
    return new NewVersion(
        model,
        spec,
        encoding,
        JsonNodeFactory.instance.objectNode(),
        new Provenance.Imported(Map.of()),
        weights,
        List.of());
  }
}
