package io.trainyard.model.serving;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** The limits that single models have; a model without any costs nothing. */
public final class ModelLimits {
  private static final Limited NONE = new Limited("", ServingLimits.NONE, new AtomicInteger());

  private volatile Map<String, Limited> limited = Map.of();

  /** The limits of one model, and how many predictions it makes now. */
  public record Limited(String model, ServingLimits limits, AtomicInteger running) {
    /** The shorter of its own and the service's. */
    public Duration timeout(Duration ofService) {
      Duration own = limits.timeout();
      return own == null || own.compareTo(ofService) > 0 ? ofService : own;
    }

    /** The smaller of its own and the service's. */
    public int batchRows(int ofService) {
      Integer own = limits.maxBatchRows();
      return own == null ? ofService : Math.min(own, ofService);
    }

    /**
     * Counts a prediction, until {@link #leave}.
     *
     * @throws ServiceException QUEUE_FULL when there are too many
     */
    public void enter() {
      Integer most = limits.maxConcurrency();
      if (most != null && running.incrementAndGet() > most) {
        running.decrementAndGet();
        throw new ServiceException(
            ErrorCode.QUEUE_FULL,
            "The model '%s' makes its most predictions at once, %d".formatted(model, most));
      }
    }

    public void leave() {
      if (limits.maxConcurrency() != null) {
        running.decrementAndGet();
      }
    }
  }

  /** The limits of a model; none for most. */
  public Limited of(String model) {
    Map<String, Limited> known = limited;
    return known.isEmpty() ? NONE : known.getOrDefault(model, NONE);
  }

  /** Replaces all. Predictions under way are counted by the limits that they began with. */
  public synchronized void set(Map<String, ServingLimits> limits) {
    if (limits.size() == limited.size()
        && limits.entrySet().stream()
            .allMatch(entry -> of(entry.getKey()).limits().equals(entry.getValue()))) {
      return;
    }
    Map<String, Limited> replaced = new HashMap<>();
    limits.forEach(
        (model, each) -> replaced.put(model, new Limited(model, each, running(model, each))));
    limited = Map.copyOf(replaced);
  }

  /** A count goes on, if predictions were counted before and are from now on. */
  private AtomicInteger running(String model, ServingLimits limits) {
    Limited before = limited.get(model);
    return before == null
            || before.limits().maxConcurrency() == null
            || limits.maxConcurrency() == null
        ? new AtomicInteger()
        : before.running();
  }
}
