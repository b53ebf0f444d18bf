package io.trainyard.onnx.host;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/** The callers whose files have crashed a checker. One that does it again waits. */
public final class CrashingCallers {
  /** Crashes within this time count together. */
  private static final Duration TOGETHER = Duration.ofMinutes(10);

  /** After the second crash. */
  private static final Duration WAIT = Duration.ofSeconds(60);

  private static final int MOST_CALLERS = 1_000;

  private final Clock clock;

  /** By caller, its last two crashes. Guarded by this. */
  private final Map<String, Deque<Instant>> crashes = new LinkedHashMap<>();

  public CrashingCallers(Clock clock) {
    this.clock = clock;
  }

  /**
   * Refuses a caller who has to wait.
   *
   * @param caller as {@link io.trainyard.access.Identity#counted}
   * @throws ServiceException RATE_LIMITED
   */
  synchronized void refuse(String caller) {
    Deque<Instant> known = crashes.get(caller);
    if (known == null || known.size() < 2) {
      return;
    }
    Instant last = known.getLast();
    boolean together = Duration.between(known.getFirst(), last).compareTo(TOGETHER) <= 0;
    Duration left = Duration.between(clock.instant(), last.plus(WAIT));
    if (together && left.isPositive()) {
      throw new ServiceException(
          ErrorCode.RATE_LIMITED,
          "Two of your files crashed the process that checks them; imports are refused for %d s"
              .formatted(left.plusMillis(999).toSeconds()),
          left);
    }
  }

  synchronized void crashed(String caller) {
    Deque<Instant> own = crashes.computeIfAbsent(caller, _ -> new ArrayDeque<>());
    own.add(clock.instant());
    if (own.size() > 2) {
      own.remove();
    }
    if (crashes.size() > MOST_CALLERS) {
      crashes.remove(crashes.keySet().iterator().next());
    }
  }
}
