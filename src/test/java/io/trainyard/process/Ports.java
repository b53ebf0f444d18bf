package io.trainyard.process;

import java.io.IOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Free ports for new processes. */
public final class Ports {
  private static final int FIRST = 10_000;

  /** Above it lie those that systems give to callers, who take one before the process listens. */
  private static final int LAST = 30_000;

  private Ports() {}

  /** A port on which no process listens. */
  public static int free() throws IOException {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
      try (ServerSocket socket = new ServerSocket(port)) {
        return socket.getLocalPort();
      } catch (BindException _) {
        // another process has it
      }
    }
  }
}
