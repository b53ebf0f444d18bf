package io.trainyard.predict;

import io.trainyard.error.ServiceException;
import io.trainyard.model.ModelVersion;
import io.trainyard.trace.EndedSpan;
import io.trainyard.trace.Spans;
import io.trainyard.trace.TraceContext;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The span of a prediction, with parts for reading, waiting, computing and writing. */
final class PredictSpan {
  private final Spans spans;
  private final TraceContext parent;
  private final TraceContext context;
  private final long start;
  private final Map<String, String> attributes = new LinkedHashMap<>();
  private long computedAt;

  private PredictSpan(Spans spans, TraceContext parent, String model, long start) {
    this.spans = spans;
    this.parent = parent;
    this.context = parent.child();
    this.start = start;
    attributes.put("trainyard.model", model);
  }

  /** Null when the request of this thread is not traced. */
  static @Nullable PredictSpan begin(Spans spans, String model, long start) {
    if (!spans.areKept()) {
      return null;
    }
    TraceContext request = TraceContext.current();
    return request != null && request.sampled()
        ? new PredictSpan(spans, request, model, start)
        : null;
  }

  /**
   * The outputs are there.
   *
   * @param from when the request was begun to be read
   * @param read when its tensors were there
   * @param waited nanoseconds in the queue
   */
  void computed(ModelVersion version, int rows, long from, long read, long waited, long now) {
    attributes.put("trainyard.version", String.valueOf(version.version()));
    attributes.put("trainyard.rows", String.valueOf(rows));
    spans.part("read", context, from, read);
    spans.part("queue", context, read, read + waited);
    spans.part("compute", context, read + waited, now);
    computedAt = now;
  }

  /** The answer was written. */
  void written() {
    long now = System.nanoTime();
    spans.part("write", context, computedAt, now);
    end(now, null);
  }

  void failed(ServiceException failure) {
    end(System.nanoTime(), failure.code().code());
  }

  private void end(long now, @Nullable String fault) {
    spans.record(
        new EndedSpan(
            "predict",
            EndedSpan.Kind.INTERNAL,
            context,
            parent.spanId(),
            null,
            start,
            now,
            attributes,
            fault));
  }
}
