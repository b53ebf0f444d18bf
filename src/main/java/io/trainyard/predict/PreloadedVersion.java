package io.trainyard.predict;

import io.trainyard.model.ModelVersion;

/** A version that is loaded and warm before it is published. */
public final class PreloadedVersion implements AutoCloseable {
  private final LoadedModels models;
  private final ModelVersion provisional;

  PreloadedVersion(LoadedModels models, ModelVersion provisional) {
    this.models = models;
    this.provisional = provisional;
  }

  /** Keeps it loaded as the version that was published. */
  public void publishedAs(ModelVersion version) {
    models.adopt(provisional, version);
  }

  /** Frees its memory, unless it was published. */
  @Override
  public void close() {
    models.drop(provisional);
  }
}
