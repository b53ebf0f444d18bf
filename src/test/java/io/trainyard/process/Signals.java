package io.trainyard.process;

import java.io.IOException;

/** Signals to processes. */
public final class Signals {
  private Signals() {}

  public static void send(long pid, String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, String.valueOf(pid)).start().waitFor();
  }
}
