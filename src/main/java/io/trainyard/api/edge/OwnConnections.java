package io.trainyard.api.edge;

import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The connections by which the process asks itself; they need no place. */
final class OwnConnections {
  private final Set<InetSocketAddress> ends = ConcurrentHashMap.newKeySet();

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
}
