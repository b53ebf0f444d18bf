package io.trainyard.job.event;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Events of one job, one after the other; many who read them together share their bytes. */
public final class EventBatch {
  static final EventBatch NONE = new EventBatch(List.of());

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

  /** Those after an event. */
  EventBatch after(int id) {
    return first() > id
        ? this
        : new EventBatch(events.stream().filter(event -> event.id() > id).toList());
  }

  /** The events as they are sent; the first who asks puts them into bytes. */
  public synchronized byte[] bytes(Function<List<JobEvent>, byte[]> encoding) {
    byte[] known = bytes;
    if (known == null) {
      known = encoding.apply(events);
      bytes = known;
    }
    return known;
  }
}
