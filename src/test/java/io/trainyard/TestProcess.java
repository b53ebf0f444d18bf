package io.trainyard;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A program of a test in a process of its own, with a JVM that starts quickly. */
public final class TestProcess {
  private TestProcess() {}

  /**
   * A process that has not started yet.
   *
   * @param options of the JVM
   */
  public static ProcessBuilder of(List<String> options, Class<?> program, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command);
  }
}
