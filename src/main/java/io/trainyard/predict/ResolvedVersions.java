package io.trainyard.predict;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.trainyard.access.Identity;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.VersionResolver;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The version that a reference resolves to, cached so that a prediction needs no database. Changes
 * made by this process are seen at once, changes made by others after a fixed time. The database is
 * asked after half of that time, so that steady callers never wait for it. While the database is
 * away, the last answer stays valid.
 */
final class ResolvedVersions {
  private static final Logger log = LoggerFactory.getLogger(ResolvedVersions.class);
  private static final int MAX_ENTRIES = 10_000;

  /** Longer than any outage should last: an expired answer cannot be given during one. */
  private static final Duration UNUSED_FOR = Duration.ofDays(1);

  /** How long a prediction waits for the database when it could use the last answer. */
  private static final long REFRESH_TIMEOUT = Duration.ofMillis(250).toNanos();

  /**
   * The same when the last answer is known to be old: the database has just taken a change of this
   * process, so it answers, however busy the machine is.
   */
  private static final long CHANGE_TIMEOUT = Duration.ofSeconds(10).toNanos();

  private final VersionResolver versions;
  private final long maxAge;
  private final LongSupplier nanoTime;
  private final Cache<Reference, Resolved> known;
  private final ConcurrentMap<Reference, Refresh> refreshes = new ConcurrentHashMap<>();

  /**
   * @param maxAge after how many nanoseconds an answer is refreshed
   */
  ResolvedVersions(VersionResolver versions, long maxAge, LongSupplier nanoTime) {
    this.versions = versions;
    this.maxAge = maxAge;
    this.nanoTime = nanoTime;
    this.known =
        Caffeine.newBuilder()
            .maximumSize(MAX_ENTRIES)
            .expireAfterAccess(UNUSED_FOR)
            .ticker(nanoTime::getAsLong)
            .executor(Runnable::run)
            .build();
  }

  private record Reference(String model, @Nullable String version) {}

  /**
   * An answer of the database.
   *
   * @param changes {@link VersionResolver#changes} before the database was asked
   * @param at when the answer came, in nanoseconds
   */
  private record Resolved(ModelVersion version, long changes, long at) {}

  /**
   * A query under way, shared by all who want the same reference.
   *
   * @param at when it started, in nanoseconds
   */
  private record Refresh(CompletableFuture<ModelVersion> answer, long changes, long at) {}

  ModelVersion resolve(String model, @Nullable String version) {
    Reference reference = new Reference(model, version);
    Resolved resolved = known.getIfPresent(reference);
    long changes = versions.changes(model);
    if (resolved == null) {
      // Kept for all callers, so not as this one sees it. Whether it may is known already.
      return keep(reference, Identity.service().call(() -> first(model, version)), changes);
    }
    boolean changed = resolved.changes() != changes;
    long age = changed ? maxAge : nanoTime.getAsLong() - resolved.at();
    if (age < maxAge / 2) {
      return resolved.version();
    }
    Refresh refresh =
        refreshes.compute(
            reference,
            (_, open) -> open != null && open.changes() == changes ? open : start(reference));
    return age < maxAge
        ? resolved.version()
        : await(refresh, changed ? CHANGE_TIMEOUT : REFRESH_TIMEOUT, resolved.version());
  }

  /** An outage is a refusal like others, which are counted. */
  private ModelVersion first(String model, @Nullable String version) {
    try {
      return versions.resolve(model, version);
    } catch (ServiceException e) {
      throw e;
    } catch (RuntimeException e) {
      throw versions.outage(e).map(RuntimeException.class::cast).orElse(e);
    }
  }

  private ModelVersion await(Refresh refresh, long timeout, ModelVersion last) {
    try {
      long left = refresh.at() + timeout - nanoTime.getAsLong();
      return refresh.answer().get(Math.max(0, left), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return last;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ServiceException refusal) {
        throw refusal;
      }
      return last;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException(ErrorCode.UNAVAILABLE, "The service is stopping", e);
    }
  }

  private Refresh start(Reference reference) {
    Refresh refresh =
        new Refresh(
            new CompletableFuture<>(), versions.changes(reference.model()), nanoTime.getAsLong());
    Thread.ofVirtual()
        .name("resolve")
        .start(Identity.service().doing(() -> run(reference, refresh)));
    return refresh;
  }

  private void run(Reference reference, Refresh refresh) {
    try {
      ModelVersion found = versions.resolve(reference.model(), reference.version());
      keep(reference, found, refresh.changes());
      refreshes.remove(reference, refresh);
      refresh.answer().complete(found);
    } catch (RuntimeException e) {
      if (e instanceof ServiceException) {
        known.invalidate(reference); // it was deleted
      } else {
        // The outage itself is logged once, not by each model.
        log.debug("The database does not answer; {} keeps its last version", reference);
        known
            .asMap()
            .computeIfPresent(
                reference,
                (_, last) -> new Resolved(last.version(), refresh.changes(), nanoTime.getAsLong()));
      }
      refreshes.remove(reference, refresh);
      refresh.answer().completeExceptionally(e);
    }
  }

  private ModelVersion keep(Reference reference, ModelVersion found, long changes) {
    known.put(reference, new Resolved(found, changes, nanoTime.getAsLong()));
    return found;
  }
}
