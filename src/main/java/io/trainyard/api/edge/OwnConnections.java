package io.trainyard.api.edge;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The connections by which the process asks itself: they need no place. Those by which it practises
 * are answered as those of callers are; nobody else can send from this process's own end.
 */
final class OwnConnections {
  private final Set<InetSocketAddress> ends = ConcurrentHashMap.newKeySet();
  private final Set<InetSocketAddress> practising = ConcurrentHashMap.newKeySet();
  private final LongAdder served = new LongAdder();
  private volatile boolean callers;

  /** Notes this process's end of a connection to itself, before it is opened. */
  void add(InetSocketAddress end) {
    ends.add(end);
  }

  void remove(InetSocketAddress end) {
    ends.remove(end);
  }

  boolean has(InetSocketAddress peer) {
    return ends.contains(peer);
  }

  /** Notes this process's end of a connection by which it practises, before it is opened. */
  void addPractice(InetSocketAddress end) {
    practising.add(end);
  }

  void removePractice(InetSocketAddress end) {
    practising.remove(end);
  }

  /**
   * Whether what comes from here is {@link io.trainyard.predict.Practice}.
   *
   * @param address in numbers; null for a peer that has gone
   */
  boolean isPractice(@Nullable String address, int port) {
    return !practising.isEmpty()
        && address != null
        && practising.contains(new InetSocketAddress(InetAddress.ofLiteral(address), port));
  }

  /** Notes that a request has come that is neither practice nor a probe. */
  void callerCame() {
    if (!callers) {
      callers = true;
    }
  }

  /** Whether such a request has come since this was asked last. */
  boolean takeCallers() {
    boolean came = callers;
    if (came) {
      callers = false;
    }
    return came;
  }

  /** Notes that a thread has done a part of the work for the connection of another. */
  void servedOther() {
    served.increment();
  }

  /** How often the threads of others have done a part of their work. */
  long served() {
    return served.sum();
  }
}
