package io.trainyard.predict;

import io.trainyard.dataset.encoding.PlainNumbers;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.VersionDefinition;
import io.trainyard.predict.PlainInstances.PlainColumns;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A version that can answer: its definition and its network in memory. */
public final class LoadedModel {
  private final ModelVersion version;
  private final VersionDefinition definition;
  private final SharedNetwork network;
  private final @Nullable PlainColumns plainColumns;

  LoadedModel(ModelVersion version, VersionDefinition definition, SharedNetwork network) {
    this.version = version;
    this.definition = definition;
    this.network = network;
    this.plainColumns =
        Optional.ofNullable(definition.encoding())
            .flatMap(PlainNumbers::of)
            .map(PlainColumns::of)
            .orElse(null);
  }

  /** The same network, with the same count of users, under another version. */
  LoadedModel as(ModelVersion other) {
    return new LoadedModel(other, definition, network);
  }

  /** The columns it reads, when all of them are plain numbers. */
  @Nullable PlainColumns plainColumns() {
    return plainColumns;
  }

  ModelVersion version() {
    return version;
  }

  VersionDefinition definition() {
    return definition;
  }

  SharedNetwork network() {
    return network;
  }

  /** The names of the network's outputs, in order. */
  List<String> outputs() {
    return definition.spec().network().outputs();
  }
}
