package io.trainyard.api.edge;

import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The connections by which the process asks itself; they need no place. */
final class OwnConnections {
  private final Set<Integer> ports = ConcurrentHashMap.newKeySet();

  /** Notes the port at this process's end of a connection to itself, before it is opened. */
  void add(int port) {
    ports.add(port);
  }

  void remove(int port) {
    ports.remove(port);
  }

  boolean has(InetSocketAddress peer) {
    return ports.contains(peer.getPort());
  }
}
