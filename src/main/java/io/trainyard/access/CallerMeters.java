package io.trainyard.access;

import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * The requests and calls of callers and their time, by the names of their keys; without the time in
 * which they waited for a job. The callers with the most time have a label of their own; the others
 * share one.
 */
@Component
public final class CallerMeters {
  static final int MOST = 50;
  static final String OTHER = "other";

  /** How many names are counted apart; tokens may bring any number. */
  private static final int KNOWN = 5_000;

  private static final String DESCRIPTION =
      "Requests by the name of the caller's key, and their time; the 50 with the most time, and"
          + " others together";

  private static final long RANKED_EVERY = TimeUnit.SECONDS.toNanos(30);

  private final MeterRegistry meters;
  private final Map<String, Use> uses = new ConcurrentHashMap<>();
  private final Map<String, Meter> shown = new HashMap<>();
  private final Use unknown = new Use();
  private volatile long rankedAt = System.nanoTime();

  /** What a caller has used. */
  private static final class Use {
    private final LongAdder requests = new LongAdder();
    private final LongAdder nanos = new LongAdder();

    double nanos() {
      return nanos.sum();
    }
  }

  CallerMeters(MeterRegistry meters) {
    this.meters = meters;
    FunctionTimer.builder(
            "trainyard.callers",
            this,
            own -> own.others().mapToLong(use -> use.requests.sum()).sum(),
            own -> own.others().mapToDouble(Use::nanos).sum(),
            TimeUnit.NANOSECONDS)
        .description(DESCRIPTION)
        .tag("caller", OTHER)
        .register(meters);
  }

  /**
   * A request of a caller has ended.
   *
   * @param nanos for which it kept the service busy
   */
  public void ended(String caller, long nanos) {
    Use use =
        uses.size() < KNOWN || uses.containsKey(caller)
            ? uses.computeIfAbsent(caller, _ -> new Use())
            : unknown;
    use.requests.increment();
    use.nanos.add(nanos);
    long now = System.nanoTime();
    if (use.requests.sum() == 1 || now - rankedAt > RANKED_EVERY) {
      rank(now);
    }
  }

  /** Gives the labels to those with the most time. */
  private synchronized void rank(long now) {
    rankedAt = now;
    Set<String> largest =
        uses.entrySet().stream()
            .sorted(
                Comparator.comparingDouble((Map.Entry<String, Use> each) -> each.getValue().nanos())
                    .reversed())
            .limit(MOST)
            .map(Map.Entry::getKey)
            .collect(Collectors.toSet());
    shown
        .entrySet()
        .removeIf(
            each -> {
              boolean gone = !largest.contains(each.getKey());
              if (gone) {
                var _ = meters.remove(each.getValue());
              }
              return gone;
            });
    largest.forEach(name -> shown.computeIfAbsent(name, this::meter));
  }

  private Meter meter(String caller) {
    Use use = uses.computeIfAbsent(caller, _ -> new Use());
    return FunctionTimer.builder(
            "trainyard.callers", use, each -> each.requests.sum(), Use::nanos, TimeUnit.NANOSECONDS)
        .description(DESCRIPTION)
        .tag("caller", caller.equals(OTHER) ? OTHER + "_" : caller)
        .register(meters);
  }

  private synchronized Stream<Use> others() {
    return Stream.concat(
        Stream.of(unknown),
        uses.entrySet().stream()
            .filter(each -> !shown.containsKey(each.getKey()))
            .map(Map.Entry::getValue));
  }
}
