package io.trainyard.trace;

import java.util.concurrent.ThreadLocalRandom;

/** Takes the spans of work that has ended. */
public interface Spans extends AutoCloseable {
  /** Keeps nothing. */
  Spans OFF =
      new Spans() {
        @Override
        public boolean areKept() {
          return false;
        }

        @Override
        public boolean sample() {
          return false;
        }

        @Override
        public void record(EndedSpan span) {}

        @Override
        public void close() {}
      };

  /** Whether there is a collector. */
  default boolean areKept() {
    return true;
  }

  /** Whether the spans of a new trace are to be kept; false always when traces are off. */
  boolean sample();

  /** Returns at once. */
  void record(EndedSpan span);

  /** Records a part of some work whose name says all. */
  default void part(String name, TraceContext of, long start, long end) {
    record(EndedSpan.part(name, of, start, end));
  }

  /** Sends what is left. */
  @Override
  void close();

  /**
   * Spans as the properties want them.
   *
   * @param version of the service
   */
  static Spans of(TraceProperties properties, String version) {
    if (properties.endpoint() == null) {
      return OFF;
    }
    OtlpSpans spans = new OtlpSpans(properties, version);
    double share = properties.sample();
    return new Spans() {
      @Override
      public boolean sample() {
        return ThreadLocalRandom.current().nextDouble() < share;
      }

      @Override
      public void record(EndedSpan span) {
        if (span.context().sampled()) {
          spans.record(span);
        }
      }

      @Override
      public void close() {
        spans.close();
      }
    };
  }
}
