package io.trainyard.job.event;

import io.trainyard.job.process.Message;
import io.trainyard.job.process.Supervision;
import java.util.function.Consumer;
import org.springframework.stereotype.Component;

/**
 * Tells who watches jobs, in this process or its supervisor, that something about one was stored.
 * The readers of events ask the database anyway, only later.
 */
@Component
public final class JobNotices {
  private final Supervision supervision;
  private volatile Consumer<String> reader = _ -> {};

  public JobNotices(Supervision supervision) {
    this.supervision = supervision;
  }

  /** Sets who reads the events of a job that has changed. */
  void onChange(Consumer<String> reaction) {
    reader = reaction;
  }

  /** Returns at once. */
  public void changed(String job) {
    reader.accept(job);
    supervision.send(new Message.Changed(job));
  }
}
