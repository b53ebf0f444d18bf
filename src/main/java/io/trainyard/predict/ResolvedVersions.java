package io.trainyard.predict;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.ModelRegistry;
import io.trainyard.model.ModelVersion;
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
 * Which version a reference means, remembered for a moment so that a prediction asks no database.
 * This process's own changes are seen at once, those of others when the moment is over. While the
 * database is away the last answer holds.
 */
final class ResolvedVersions {
  private static final Logger log = LoggerFactory.getLogger(ResolvedVersions.class);
  private static final int MAX_ENTRIES = 10_000;

  /** How long a prediction waits for news of a version it knows already. */
  private static final long PATIENCE = Duration.ofMillis(250).toNanos();

  private final ModelRegistry registry;
  private final long nanos;
  private final LongSupplier nanoTime;
  private final ConcurrentMap<Reference, Resolved> known = new ConcurrentHashMap<>();
  private final ConcurrentMap<Reference, Question> asked = new ConcurrentHashMap<>();

  ResolvedVersions(ModelRegistry registry, long nanos, LongSupplier nanoTime) {
    this.registry = registry;
    this.nanos = nanos;
    this.nanoTime = nanoTime;
  }

  private record Reference(String model, @Nullable String version) {}

  private record Resolved(ModelVersion version, long changes, long at) {}

  /** A question that is on its way to the database since then. */
  private record Question(CompletableFuture<ModelVersion> answer, long changes, long at) {}

  ModelVersion resolve(String model, @Nullable String version) {
    Reference reference = new Reference(model, version);
    Resolved resolved = known.get(reference);
    long changes = registry.changes();
    if (resolved == null) {
      return keep(reference, registry.resolve(model, version), changes);
    }
    if (resolved.changes() == changes && nanoTime.getAsLong() - resolved.at() < nanos) {
      return resolved.version();
    }
    Question question =
        asked.compute(
            reference,
            (_, open) -> open != null && open.changes() == changes ? open : ask(reference));
    try {
      long patience = question.at() + PATIENCE - nanoTime.getAsLong();
      return question.answer().get(Math.max(0, patience), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return resolved.version(); // the database takes its time; whoever asks next need not wait
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ServiceException refusal) {
        throw refusal;
      }
      return resolved.version();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException(ErrorCode.UNAVAILABLE, "The service is stopping", e);
    }
  }

  /** One asks for all who want to know the same meanwhile. */
  private Question ask(Reference reference) {
    var question =
        new Question(new CompletableFuture<>(), registry.changes(), nanoTime.getAsLong());
    Thread.ofVirtual()
        .name("resolve")
        .start(
            () -> {
              try {
                ModelVersion found = registry.resolve(reference.model(), reference.version());
                keep(reference, found, question.changes());
                asked.remove(reference, question);
                question.answer().complete(found);
              } catch (RuntimeException e) {
                if (e instanceof ServiceException) {
                  known.remove(reference); // it was deleted
                } else {
                  log.warn("The database does not answer; {} stays as it was", reference);
                  known.computeIfPresent(
                      reference,
                      (_, last) ->
                          new Resolved(last.version(), question.changes(), nanoTime.getAsLong()));
                }
                asked.remove(reference, question);
                question.answer().completeExceptionally(e);
              }
            });
    return question;
  }

  private ModelVersion keep(Reference reference, ModelVersion found, long changes) {
    if (known.size() >= MAX_ENTRIES) {
      known.clear();
    }
    known.put(reference, new Resolved(found, changes, nanoTime.getAsLong()));
    return found;
  }
}
