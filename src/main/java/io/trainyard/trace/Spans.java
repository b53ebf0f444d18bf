package io.trainyard.trace;

import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Takes the spans of work that has ended. */
public final class Spans implements AutoCloseable {
  /** Keeps nothing. */
  public static final Spans OFF = new Spans(null, 0);

  private final @Nullable OtlpSpans collector;
  private final double share;

  private Spans(@Nullable OtlpSpans collector, double share) {
    this.collector = collector;
    this.share = share;
  }

  /**
   * Spans as the properties want them.
   *
   * @param version of the service
   */
  public static Spans of(TraceProperties properties, String version) {
    return properties.endpoint() == null
        ? OFF
        : new Spans(new OtlpSpans(properties, version), properties.sample());
  }

  /** Whether there is a collector. */
  public boolean areKept() {
    return collector != null;
  }

  /** Whether the spans of a new trace are to be kept; false always when traces are off. */
  public boolean sample() {
    return collector != null && ThreadLocalRandom.current().nextDouble() < share;
  }

  /** Returns at once. */
  public void record(EndedSpan span) {
    if (collector != null && span.context().sampled()) {
      collector.record(span);
    }
  }

  /** Records a part of some work whose name says all. */
  public void part(String name, TraceContext of, long start, long end) {
    record(EndedSpan.part(name, of, start, end));
  }

  /** Sends what is left. */
  @Override
  public void close() {
    if (collector != null) {
      collector.close();
    }
  }
}
