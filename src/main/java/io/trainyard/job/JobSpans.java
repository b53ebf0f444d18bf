package io.trainyard.job;

import io.trainyard.trace.EndedSpan;
import io.trainyard.trace.Spans;
import io.trainyard.trace.TraceContext;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.stereotype.Component;

/** The spans of the attempts that run here. Their log lines have the id of the trace. */
@Component
final class JobSpans {
  private static final Logger log = LoggerFactory.getLogger(JobSpans.class);
  private static final String TRACE = "trace_id";
  private static final String REQUEUED = "requeued";

  private final Spans spans;
  private final Map<String, Attempt> attempts = new ConcurrentHashMap<>();

  JobSpans(Spans spans) {
    this.spans = spans;
  }

  /** An attempt, and how it ended so far. */
  private static final class Attempt {
    private final Job job;
    private final TraceContext context;
    private final TraceContext submit;
    private final long start = System.nanoTime();
    private volatile String end = REQUEUED;
    private volatile @Nullable String fault;

    Attempt(Job job, TraceContext submit) {
      this.job = job;
      this.submit = submit;
      this.context = submit.child();
    }
  }

  /**
   * An attempt begins on this thread.
   *
   * @param submit reads the header {@code traceparent} of the request that submitted the job
   */
  void begin(Job job, Supplier<@Nullable String> submit) {
    if (!spans.areKept()) {
      return;
    }
    TraceContext submitted = TraceContext.parse(read(submit));
    if (submitted != null) {
      attempts.put(job.id(), new Attempt(job, submitted));
      MDC.put(TRACE, submitted.traceId());
    }
  }

  private static @Nullable String read(Supplier<@Nullable String> submit) {
    try {
      return submit.get();
    } catch (RuntimeException e) {
      log.debug("The attempt is not traced: {}", e.toString());
      return null;
    }
  }

  /** A job that runs here has ended in a state; with an error code when it failed. */
  void ended(String job, String state, @Nullable String code) {
    Attempt attempt = attempts.get(job);
    if (attempt != null) {
      attempt.end = state;
      attempt.fault = code;
    }
  }

  /** The attempt at a job leaves this thread. */
  void end(String job) {
    Attempt attempt = attempts.remove(job);
    if (attempt == null) {
      return;
    }
    MDC.remove(TRACE);
    Task task = attempt.job.task();
    spans.record(
        new EndedSpan(
            "job " + task.kind(),
            EndedSpan.Kind.CONSUMER,
            attempt.context,
            attempt.submit.spanId(),
            attempt.submit,
            attempt.start,
            System.nanoTime(),
            Map.of(
                "trainyard.job", job,
                "trainyard.model", task.model(),
                "trainyard.pool", task.placement().pool(),
                "trainyard.attempt", String.valueOf(attempt.job.attempt()),
                "trainyard.state", attempt.end),
            attempt.fault));
  }
}
