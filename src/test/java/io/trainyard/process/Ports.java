package io.trainyard.process;

import java.io.IOException;
import java.net.ServerSocket;

/** Free ports for new processes. */
public final class Ports {
  private Ports() {}

  /** A port on which no process listens. */
  public static int free() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
