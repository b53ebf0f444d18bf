package io.trainyard.trace;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A piece of work that has ended.
 *
 * @param context its own
 * @param parent the span that it is part of; null for the first of a trace
 * @param link another span that caused it; null without one
 * @param start as {@link System#nanoTime} tells
 * @param end as {@link System#nanoTime} tells
 * @param fault why it failed; null when it did not
 */
public record EndedSpan(
    String name,
    Kind kind,
    TraceContext context,
    @Nullable String parent,
    @Nullable TraceContext link,
    long start,
    long end,
    Map<String, String> attributes,
    @Nullable String fault) {
  public EndedSpan {
    attributes = Map.copyOf(attributes);
  }

  /** Who asked for the work. */
  public enum Kind {
    /** A caller of the service. */
    SERVER,
    /** Another part of the same work. */
    INTERNAL,
    /** A queue. */
    CONSUMER
  }

  /** A part of some work, of which nothing more is known. */
  static EndedSpan part(String name, TraceContext of, long start, long end) {
    return new EndedSpan(
        name, Kind.INTERNAL, of.child(), of.spanId(), null, start, end, Map.of(), null);
  }
}
