package io.trainyard.onnx.host;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The callers whose files have ended processes that others use. One that does it again waits.
 * Callers are told apart by {@link io.trainyard.access.Identity#counted}.
 */
public final class CrashingCallers {
  /** Ends within this time count together. */
  private static final Duration TOGETHER = Duration.ofMinutes(10);

  /** After the last end. */
  private static final Duration WAIT = Duration.ofSeconds(60);

  /** Ends after which a caller waits with files that nobody knows well. */
  private static final int FEW = 2;

  /** Ends after which a caller waits with every file. */
  private static final int MANY = 5;

  private final Clock clock;
  private final Ends crashes = new Ends();
  private final Ends deaths = new Ends();
  private final Ends overruns = new Ends();

  public CrashingCallers(Clock clock) {
    this.clock = clock;
  }

  /** By caller, when it last ended processes. Guarded by itself. */
  private static final class Ends {
    private static final int MOST_CALLERS = 1_000;

    private final Map<String, Deque<Instant>> byCaller = new LinkedHashMap<>();

    synchronized void add(String caller, Instant now) {
      Deque<Instant> own = byCaller.computeIfAbsent(caller, _ -> new ArrayDeque<>());
      own.addFirst(now);
      if (own.size() > MANY) {
        own.removeLast();
      }
      if (byCaller.size() > MOST_CALLERS) {
        byCaller.remove(byCaller.keySet().iterator().next());
      }
    }

    /** When the last of so many ends was that are near each other; the past without them. */
    synchronized Instant last(String caller, int many) {
      Deque<Instant> own = byCaller.getOrDefault(caller, new ArrayDeque<>());
      if (own.size() < many) {
        return Instant.MIN;
      }
      Instant last = own.getFirst();
      Iterator<Instant> earlier = own.iterator();
      Instant first = last;
      for (int i = 0; i < many; i++) {
        first = earlier.next();
      }
      return Duration.between(first, last).compareTo(TOGETHER) <= 0 ? last : Instant.MIN;
    }
  }

  /**
   * Refuses the import of a caller who has to wait.
   *
   * @throws ServiceException RATE_LIMITED
   */
  void refuse(String caller) {
    refuse(
        crashes.last(caller, FEW),
        "Two of your files crashed the process that checks them; imports are refused for %d s");
    refuse(
        deaths.last(caller, FEW),
        "Two of your predictions ended the process that computes imported files; imports are refused for %d s");
  }

  /**
   * Refuses the prediction of a caller who has to wait.
   *
   * @param known whether the file has answered well for long
   * @throws ServiceException RATE_LIMITED
   */
  void refusePrediction(String caller, boolean known) {
    int many = known ? MANY : FEW;
    refuse(
        deaths.last(caller, many),
        many
            + " of your predictions ended the process that computes imported files; such predictions are refused for %d s");
  }

  private void refuse(Instant last, String detail) {
    if (last.equals(Instant.MIN)) {
      return;
    }
    Duration left = Duration.between(clock.instant(), last.plus(WAIT));
    // More is left where the clock has been set back: by a day, it would be a day.
    if (left.isPositive() && left.compareTo(WAIT) <= 0) {
      throw new ServiceException(
          ErrorCode.RATE_LIMITED, detail.formatted(left.plusMillis(999).toSeconds()), left);
    }
  }

  /** A file of a caller crashed the process that checks it. */
  void crashed(String caller) {
    crashes.add(caller, clock.instant());
  }

  /** A prediction of a caller ended the process that computes the files of all. */
  void ended(String caller) {
    deaths.add(caller, clock.instant());
  }

  /** A process had to be ended, because it computed on for a caller who had left. */
  void overran(String caller) {
    overruns.add(caller, clock.instant());
  }

  /** Whether files of a caller are to run beside no others. */
  boolean isApart(String caller) {
    Instant last = overruns.last(caller, FEW);
    Instant now = clock.instant();
    return !last.equals(Instant.MIN) && !last.isAfter(now) && last.plus(TOGETHER).isAfter(now);
  }
}
