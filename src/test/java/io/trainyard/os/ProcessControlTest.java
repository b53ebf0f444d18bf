package io.trainyard.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ProcessControlTest {
  private static final int GROUP = 5;
  private static final int SESSION = 6;
  private static final int NICE = 19;

  @Test
  void aThreadOfLowPriorityPassesItOnAndLeavesOthersAlone() throws Exception {
    int own = niceOfThisThread();
    CompletableFuture<Integer> lowered = new CompletableFuture<>();
    CompletableFuture<Integer> inherited = new CompletableFuture<>();
    Thread.ofPlatform()
        .start(
            () -> {
              ProcessControl.lowerThreadPriority(own + 7);
              complete(lowered);
              Thread.ofPlatform().start(() -> complete(inherited));
            });

    assertThat(lowered.get()).isEqualTo(own + 7);
    assertThat(inherited.get()).isEqualTo(own + 7);
    assertThat(niceOfThisThread()).isEqualTo(own);
  }

  /** Nice values are compared within a session only, where the kernel schedules these as groups. */
  @Test
  void aWorkerLeavesTheGroupOfTheTerminalAndStaysInTheSession() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                OwnGroup.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).isZero();
    assertThat(answer.strip()).isEqualTo(process.pid() + " " + field(SESSION) + " 7");
  }

  /** Lowers its priority as a worker does, and prints it. */
  static final class OwnGroup {
    public static void main(String[] args) throws IOException {
      ProcessControl.leaveTerminal();
      ProcessControl.lowerPriority(7);
      System.out.println(field(GROUP) + " " + field(SESSION) + " " + niceOfThisThread());
    }
  }

  private static void complete(CompletableFuture<Integer> nice) {
    try {
      nice.complete(niceOfThisThread());
    } catch (IOException e) {
      nice.completeExceptionally(e);
    }
  }

  private static int niceOfThisThread() throws IOException {
    return field(NICE);
  }

  /** Of the kernel's line about a thread; the name in it, in brackets, may have spaces. */
  private static int field(int number) throws IOException {
    String line = Files.readString(Path.of("/proc/thread-self/stat"));
    return Integer.parseInt(line.substring(line.lastIndexOf(')') + 2).split(" ")[number - 3]);
  }
}
