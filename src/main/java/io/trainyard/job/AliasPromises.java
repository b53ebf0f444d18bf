package io.trainyard.job;

import io.trainyard.access.Identity;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.job.PromisedAliases.Promise;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.VersionStore;
import io.trainyard.os.PeriodicTask;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Moves the aliases that jobs promised, once their versions can be loaded. A promise is stored, so
 * that it holds over a restart; after a day it is given up.
 */
public final class AliasPromises implements SmartLifecycle {
  public static final Duration LIMIT = Duration.ofDays(1);
  private static final Duration PAUSE = Duration.ofSeconds(10);
  private static final Logger log = LoggerFactory.getLogger(AliasPromises.class);

  private final PromisedAliases promises;
  private final VersionStore versions;
  private final Consumer<ModelVersion> loading;
  private final Outages outages;
  private final Clock clock;
  private final boolean answers;
  private volatile @Nullable ScheduledExecutorService thread;

  /**
   * @param loading loads a version where callers are answered, or throws why that is not possible
   * @param answers whether this process answers callers; another one has nothing to do
   */
  public AliasPromises(
      PromisedAliases promises,
      VersionStore versions,
      Consumer<ModelVersion> loading,
      Outages outages,
      Clock clock,
      boolean answers) {
    this.promises = promises;
    this.versions = versions;
    this.loading = loading;
    this.outages = outages;
    this.clock = clock;
    this.answers = answers;
  }

  /** Keeps the promises that can be kept now. */
  public void keepDue() {
    try {
      promises.takeDue().forEach(this::keep);
    } catch (RuntimeException e) {
      if (!outages.isOutage(e)) {
        throw e;
      }
      log.debug("Promised aliases wait for the end of an outage: {}", e.toString());
    }
  }

  private void keep(Promise promise) {
    ModelVersion version = versions.find(promise.model(), promise.version()).orElse(null);
    if (version == null) {
      promises.giveUp(promise, "the version was deleted before it could be loaded");
      return;
    }
    try {
      loading.accept(version);
      promises.move(promise);
    } catch (ServiceException e) {
      failed(promise, e);
    } catch (RuntimeException e) {
      if (outages.isOutage(e)) {
        throw e;
      }
      log.error("The alias '{}' of job {} does not move", promise.alias(), promise.job(), e);
      promises.giveUp(promise, AliasWarmUp.INTERNAL);
    }
  }

  private void failed(Promise promise, ServiceException e) {
    String cause = AliasWarmUp.cause(e);
    boolean passes = e.code().family() == ErrorCode.Family.BUSY;
    if (passes && clock.instant().isBefore(promise.at().plus(LIMIT))) {
      log.info("The alias '{}' of job {} waits: {}", promise.alias(), promise.job(), cause);
      return;
    }
    log.warn("The alias '{}' of job {} does not move: {}", promise.alias(), promise.job(), cause);
    promises.giveUp(promise, cause);
  }

  @Override
  public void start() {
    ScheduledExecutorService started = PeriodicTask.thread("promised-aliases");
    thread = started;
    if (answers) {
      PeriodicTask.start(
          started, "promised aliases", PAUSE, PAUSE, Identity.service().doing(this::keepDue));
    }
  }

  /** A promise that is being kept is taken again after the next start. */
  @Override
  public void stop() {
    ScheduledExecutorService started = thread;
    if (started != null) {
      started.shutdown();
      thread = null;
    }
  }

  @Override
  public boolean isRunning() {
    return thread != null;
  }
}
