package io.trainyard.trace;

import io.opentelemetry.sdk.trace.IdGenerator;
import java.util.function.Supplier;

/** Gives a span the ids that it has had since its work began: callers and logs know them. */
final class GivenIds implements IdGenerator {
  private static final ThreadLocal<TraceContext> NEXT = new ThreadLocal<>();

  /** Starts a span with the ids of a context. */
  <T> T with(TraceContext context, Supplier<T> start) {
    NEXT.set(context);
    try {
      return start.get();
    } finally {
      NEXT.remove();
    }
  }

  @Override
  public String generateTraceId() {
    return NEXT.get().traceId();
  }

  @Override
  public String generateSpanId() {
    return NEXT.get().spanId();
  }
}
