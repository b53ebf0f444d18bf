package io.trainyard.api.edge;

import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** The connections by which the process asks itself: they need no place. */
final class OwnConnections {
  private final Set<InetSocketAddress> ends = ConcurrentHashMap.newKeySet();
  private final LongAdder served = new LongAdder();

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

  /** Notes that a thread has done a part of the work for the connection of another. */
  void servedOther() {
    served.increment();
  }

  /** How often the threads of others have done a part of their work. */
  long served() {
    return served.sum();
  }
}
