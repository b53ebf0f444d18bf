package io.trainyard.job.event;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Consecutive events of one job. Streams that send the same batch share its bytes. */
public final class EventBatch {
  static final EventBatch EMPTY = new EventBatch(List.of());

  private final List<JobEvent> events;
  private byte @Nullable [] bytes;

  EventBatch(List<JobEvent> events) {
    this.events = List.copyOf(events);
  }

  public List<JobEvent> events() {
    return events;
  }

  boolean isEmpty() {
    return events.isEmpty();
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
