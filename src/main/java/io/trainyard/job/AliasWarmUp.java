package io.trainyard.job;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.job.process.Preloader;
import io.trainyard.job.process.Preloader.Preloaded;
import io.trainyard.model.VersionProof;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Proves that a version answers before it is published, and loads it before its job moves an alias
 * to it, so that callers of the alias don't wait. A version that does not answer is published, but
 * the alias doesn't move.
 */
@Component
record AliasWarmUp(VersionProof proof, Preloader preloader) {
  private static final Logger log = LoggerFactory.getLogger(AliasWarmUp.class);

  Warmed warmUp(Attempts.Publication publication) {
    try {
      var _ = proof.prove(publication.version());
      boolean moves = publication.alias() != null && publication.objection() == null;
      return new Warmed(publication, moves ? preloader.preload(publication.version()) : null);
    } catch (ServiceException e) {
      String what =
          e.code() == ErrorCode.NOT_ANSWERABLE
              ? "the version cannot answer: "
              : "the version could not be loaded: ";
      return refused(publication, what + e.detail());
    } catch (RuntimeException e) {
      log.warn("The version cannot be loaded", e);
      return refused(publication, "the version could not be loaded: the log has more");
    }
  }

  private static Warmed refused(Attempts.Publication publication, String cause) {
    log.warn("A version is published as it is, but {}", cause);
    boolean moves = publication.alias() != null && publication.objection() == null;
    return new Warmed(moves ? publication.objecting(cause) : publication, null);
  }

  /** A version to publish, and the network that is loaded for it. */
  static final class Warmed implements AutoCloseable {
    private final Attempts.Publication publication;
    private final @Nullable Preloaded preloaded;

    private Warmed(Attempts.Publication publication, @Nullable Preloaded preloaded) {
      this.publication = publication;
      this.preloaded = preloaded;
    }

    Attempts.Publication publication() {
      return publication;
    }

    /** Gives the loaded network to the callers of the version. */
    void published(JobState.Result result) {
      if (preloaded != null) {
        preloaded.published(result.model(), result.version());
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
