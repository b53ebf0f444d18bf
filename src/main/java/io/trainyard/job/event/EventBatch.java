package io.trainyard.job.event;

import io.trainyard.train.Progress;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Consecutive events of one job, or how far it is within an epoch. Streams that send the same
 * events share their bytes.
 */
public final class EventBatch {
  static final EventBatch EMPTY = new EventBatch(List.of());

  /** Without events; null beside some. */
  private final @Nullable Progress progress;

  /** Counts what is told within epochs. */
  private final int told;

  private final List<JobEvent> events;
  private byte @Nullable [] bytes;

  EventBatch(List<JobEvent> events) {
    this(events, null, 0);
  }

  private EventBatch(List<JobEvent> events, @Nullable Progress progress, int told) {
    this.events = List.copyOf(events);
    this.progress = progress;
    this.told = told;
  }

  /** How far a job is; no event, so nobody can ask for it again. */
  static EventBatch within(Progress progress, int told) {
    return new EventBatch(List.of(), progress, told);
  }

  /** How far the job is, where that is all there is to tell. */
  public @Nullable Progress progress() {
    return progress;
  }

  int told() {
    return told;
  }

  public List<JobEvent> events() {
    return events;
  }

  public boolean isEmpty() {
    return events.isEmpty();
  }

  /** Whether the job has ended with one of them; a message may come after it. */
  public boolean endsJob() {
    return events.stream().anyMatch(JobEvent.Done.class::isInstance);
  }

  int first() {
    return events.getFirst().id();
  }

  int last() {
    return events.getLast().id();
  }

  /** The events after an event. */
  EventBatch after(int id) {
    return first() > id
        ? this
        : new EventBatch(events.stream().filter(event -> event.id() > id).toList());
  }

  /** The encoded events; only the first call encodes them. */
  public synchronized byte[] bytes(Function<List<JobEvent>, byte[]> encoding) {
    byte[] known = bytes;
    if (known == null) {
      known = encoding.apply(events);
      bytes = known;
    }
    return known;
  }
}
