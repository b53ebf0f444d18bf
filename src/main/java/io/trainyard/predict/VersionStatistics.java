package io.trainyard.predict;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * What a version has answered since it was loaded, in counts and nanoseconds. It goes with the
 * version's memory.
 */
public final class VersionStatistics {
  /** Those of {@link Practice}, which nobody reads. */
  static final VersionStatistics OF_PRACTICE = new VersionStatistics();

  private final LongAdder rows = new LongAdder();
  private final Total answered = new Total();
  private final Total failed = new Total();
  private final Total queued = new Total();
  private final Total read = new Total();
  private final Total computed = new Total();
  private final Total written = new Total();
  private final AtomicLong lastMillis = new AtomicLong();

  /** A count of events and the nanoseconds that they took together. */
  public static final class Total {
    private final LongAdder count = new LongAdder();
    private final LongAdder nanos = new LongAdder();

    void add(long duration) {
      count.increment();
      nanos.add(duration);
    }

    public long count() {
      return count.sum();
    }

    public long nanos() {
      return nanos.sum();
    }
  }

  /**
   * Counts an answer.
   *
   * @param reading the nanoseconds from the body to the input tensors
   * @param waiting the nanoseconds in the queue
   * @param computing the nanoseconds in the network
   */
  void computed(int answeredRows, long reading, long waiting, long computing) {
    rows.add(answeredRows);
    read.add(reading);
    queued.add(waiting);
    computed.add(computing);
  }

  /** Counts an answer as a whole. */
  void answered(long nanos) {
    answered.add(nanos);
    lastMillis.set(System.currentTimeMillis());
  }

  void failed(long nanos) {
    failed.add(nanos);
  }

  /** Counts the writing of an answer. */
  void written(long nanos) {
    written.add(nanos);
  }

  public long rows() {
    return rows.sum();
  }

  /** Answers, each from the request in memory to its tensors. */
  public Total answered() {
    return answered;
  }

  /** Requests that were refused or failed once the version was loaded. */
  public Total failed() {
    return failed;
  }

  public Total queued() {
    return queued;
  }

  public Total read() {
    return read;
  }

  public Total computed() {
    return computed;
  }

  public Total written() {
    return written;
  }

  /** When the last answer was made, in milliseconds since 1970; 0: never. */
  public long lastMillis() {
    return lastMillis.get();
  }
}
