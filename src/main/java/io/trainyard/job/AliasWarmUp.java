package io.trainyard.job;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.job.process.Preloader;
import io.trainyard.job.process.Preloader.Preloaded;
import io.trainyard.model.VersionProof;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Proves that a version answers before it is published, and loads it before its job moves an alias
 * to it, so that callers of the alias don't wait. A version that cannot answer is published, but
 * the alias doesn't move. While the service is too busy to load it, the job waits; after some
 * minutes the version is published, and {@link AliasPromises} moves the alias later.
 */
@Component
record AliasWarmUp(VersionProof proof, Preloader preloader, BusyRetries retries) {
  static final String INTERNAL = "the version could not be loaded (internal): the log has more";

  private static final Logger log = LoggerFactory.getLogger(AliasWarmUp.class);

  /**
   * Warms up a version.
   *
   * @param hurried whether not to wait while the service is busy
   * @throws ServiceException CORRUPT_FILE when the weights must be written again
   */
  Warmed warmUp(Attempts.Publication publication, BooleanSupplier hurried) {
    try {
      return retries.call(() -> load(publication), publication.moves() ? hurried : () -> true);
    } catch (ServiceException e) {
      if (e.code() == ErrorCode.CORRUPT_FILE) {
        throw e;
      }
      if (e.code().family() == ErrorCode.Family.BUSY) {
        return delayed(publication, cause(e));
      }
      return refused(publication, cause(e));
    } catch (RuntimeException e) {
      log.error("The version cannot be loaded", e);
      return refused(publication, INTERNAL);
    }
  }

  private Warmed load(Attempts.Publication publication) {
    var _ = proof.prove(publication.version());
    return new Warmed(
        publication, publication.moves() ? preloader.preload(publication.version()) : null);
  }

  /** Why a version was not loaded, with the code of the error. */
  static String cause(ServiceException e) {
    return "the version %s (%s): %s"
        .formatted(
            e.code() == ErrorCode.NOT_ANSWERABLE ? "cannot answer" : "could not be loaded",
            e.code().code(),
            e.detail());
  }

  private static Warmed refused(Attempts.Publication publication, String cause) {
    log.warn("A version is published as it is, but {}", cause);
    return new Warmed(publication.unanswering(cause), null);
  }

  private static Warmed delayed(Attempts.Publication publication, String cause) {
    log.warn("A version is published before it is loaded: {}", cause);
    return new Warmed(publication.moves() ? publication.delaying(cause) : publication, null);
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
