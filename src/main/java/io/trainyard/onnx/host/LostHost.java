package io.trainyard.onnx.host;

import io.trainyard.process.ProcessDeath;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A host has ended before it answered. */
final class LostHost extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient HostProcess host;
  private final transient ProcessDeath death;
  private final @Nullable String overrun;
  private final transient Set<String> running;
  private final transient Set<String> suspects;
  private final boolean closed;
  private final AtomicBoolean counted = new AtomicBoolean();

  /**
   * @param overrun why it was ended from here, or null
   * @param running the files for which it computed
   * @param suspects those of them that may have ended it
   * @param closed whether it was to end
   */
  LostHost(
      HostProcess host,
      ProcessDeath death,
      @Nullable String overrun,
      Set<String> running,
      Set<String> suspects,
      boolean closed) {
    super("a host process has ended: " + (overrun == null ? death.cause() : overrun));
    this.host = host;
    this.death = death;
    this.overrun = overrun;
    this.running = Set.copyOf(running);
    this.suspects = Set.copyOf(suspects);
    this.closed = closed;
  }

  HostProcess host() {
    return host;
  }

  Set<String> running() {
    return running;
  }

  /** The files that may have ended it; one alone is accused by the thread that crashed. */
  Set<String> suspects() {
    return suspects;
  }

  /** Whether it was ended from here because it computed on. */
  boolean isOverrun() {
    return overrun != null;
  }

  /** Whether it is asked for the first time: requests that come later end by it too. */
  boolean countsNow() {
    return counted.compareAndSet(false, true);
  }

  boolean isClosed() {
    return closed;
  }

  /** Whether a file may be the cause, rather than somebody who ended the process. */
  boolean isFilesFault() {
    return overrun != null || death.isCrash() || !death.kind().equals("other");
  }

  /** As {@link ProcessDeath#KINDS}. */
  String kind() {
    return overrun == null ? death.kind() : "other";
  }

  String reason() {
    return overrun == null ? death.cause() : overrun;
  }
}
