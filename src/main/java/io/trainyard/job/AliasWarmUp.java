package io.trainyard.job;

import io.trainyard.error.ServiceException;
import io.trainyard.model.VersionStore;
import io.trainyard.predict.Predictor;
import io.trainyard.predict.PreloadedVersion;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Loads and warms up a version before its job moves an alias to it, so that callers of the alias
 * don't wait. A version that cannot be loaded is published, but the alias doesn't move.
 */
@Component
final class AliasWarmUp {
  private static final Logger log = LoggerFactory.getLogger(AliasWarmUp.class);

  private final Predictor predictor;
  private final VersionStore versions;

  AliasWarmUp(Predictor predictor, VersionStore versions) {
    this.predictor = predictor;
    this.versions = versions;
  }

  Warmed warmUp(JobStore.Publication publication) {
    if (publication.alias() == null || publication.objection() != null) {
      return new Warmed(publication, null);
    }
    try {
      return new Warmed(publication, predictor.preload(publication.version()));
    } catch (ServiceException e) {
      return new Warmed(keepAlias(publication, e.detail()), null);
    } catch (RuntimeException e) {
      log.warn("The version cannot be loaded", e);
      return new Warmed(keepAlias(publication, "the log has more"), null);
    }
  }

  private static JobStore.Publication keepAlias(JobStore.Publication publication, String cause) {
    return new JobStore.Publication(
        publication.version(), publication.alias(), "the version could not be loaded: " + cause);
  }

  /** A version to publish, and the network that is loaded for it. */
  final class Warmed implements AutoCloseable {
    private final JobStore.Publication publication;
    private final @Nullable PreloadedVersion preloaded;

    private Warmed(JobStore.Publication publication, @Nullable PreloadedVersion preloaded) {
      this.publication = publication;
      this.preloaded = preloaded;
    }

    JobStore.Publication publication() {
      return publication;
    }

    /** Gives the loaded network to the callers of the version. */
    void published(JobState.Result result) {
      if (preloaded != null) {
        versions.find(result.model(), result.version()).ifPresent(preloaded::publishedAs);
      }
    }

    @Override
    public void close() {
      if (preloaded != null) {
        preloaded.close();
      }
    }
  }
}
