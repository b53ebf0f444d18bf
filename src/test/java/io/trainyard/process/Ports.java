package io.trainyard.process;

import java.io.IOException;
import java.net.ServerSocket;

/** Ports for processes of their own. */
final class Ports {
  private Ports() {}

  /** One that nobody listens at. */
  static int free() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
