package io.trainyard.process;

import java.io.IOException;

/** Signals to processes. */
final class Signals {
  private Signals() {}

  static void send(long pid, String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, String.valueOf(pid)).start().waitFor();
  }
}
