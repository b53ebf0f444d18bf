package io.trainyard.job;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Events of one job, one after the other; many who read them together share their bytes. */
public final class JobNews {
  static final JobNews NONE = new JobNews(List.of());

  private final List<JobEvent> events;
  private byte @Nullable [] bytes;

  JobNews(List<JobEvent> events) {
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
  JobNews after(int id) {
    return first() > id
        ? this
        : new JobNews(events.stream().filter(event -> event.id() > id).toList());
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
