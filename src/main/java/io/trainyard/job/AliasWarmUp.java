package io.trainyard.job;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.VersionStore;
import io.trainyard.predict.Predictor;
import io.trainyard.predict.PreloadedVersion;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Loads and warms a version before its job moves an alias to it, as a caller's move of an alias
 * does. A version that cannot be loaded is published, and the alias stays where it is.
 */
@Component
final class AliasWarmUp {
  private static final Logger log = LoggerFactory.getLogger(AliasWarmUp.class);
  private static final int TRIES = 12;

  private final Predictor predictor;
  private final VersionStore versions;

  AliasWarmUp(Predictor predictor, VersionStore versions) {
    this.predictor = predictor;
    this.versions = versions;
  }

  Rehearsed of(JobStore.Publication publication) {
    if (publication.alias() == null || publication.objection() != null) {
      return new Rehearsed(publication, null);
    }
    try {
      return new Rehearsed(publication, prepared(publication));
    } catch (ServiceException e) {
      return objecting(publication, e.detail());
    } catch (RuntimeException e) {
      log.warn("The version cannot be loaded", e);
      return objecting(publication, "the log has more");
    }
  }

  private PreloadedVersion prepared(JobStore.Publication publication) {
    for (int left = TRIES; ; left--) {
      try {
        return predictor.prepare(publication.version());
      } catch (ServiceException e) {
        if (e.code() != ErrorCode.LOADING || left == 1) {
          throw e;
        }
      }
    }
  }

  private Rehearsed objecting(JobStore.Publication publication, String why) {
    return new Rehearsed(
        new JobStore.Publication(
            publication.version(), publication.alias(), "the version could not be loaded: " + why),
        null);
  }

  /** What to publish, and what is loaded of it. */
  final class Rehearsed implements AutoCloseable {
    private final JobStore.Publication publication;
    private final @Nullable PreloadedVersion prepared;

    private Rehearsed(JobStore.Publication publication, @Nullable PreloadedVersion prepared) {
      this.publication = publication;
      this.prepared = prepared;
    }

    JobStore.Publication publication() {
      return publication;
    }

    /** Callers of the alias find the version loaded. */
    void published(JobState.Result result) {
      if (prepared != null) {
        versions.find(result.model(), result.version()).ifPresent(prepared::publishedAs);
      }
    }

    @Override
    public void close() {
      if (prepared != null) {
        prepared.close();
      }
    }
  }
}
