package io.trainyard.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ProcessControlTest {
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

  /** In a process of its own, because priorities cannot be raised again. */
  @Test
  void aSessionOfItsOwnGetsTheValueToo() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                OwnSession.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).isZero();
    assertThat(answer.lines().toList())
        .allSatisfy(line -> assertThat(line).matches("thread 7|/autogroup-\\d+ nice 7"))
        .contains("thread 7");
  }

  /** Lowers its priority as a worker does, and prints it. */
  static final class OwnSession {
    public static void main(String[] args) throws IOException {
      ProcessControl.leaveTerminal();
      ProcessControl.lowerPriority(7);
      Path session = Path.of("/proc/self/autogroup");
      if (Files.exists(session)) {
        System.out.println(Files.readString(session).strip());
      }
      System.out.println("thread " + niceOfThisThread());
    }
  }

  private static void complete(CompletableFuture<Integer> nice) {
    try {
      nice.complete(niceOfThisThread());
    } catch (IOException e) {
      nice.completeExceptionally(e);
    }
  }

  /**
   * Field 19 of the kernel's line about a thread; the name before it, in brackets, may have spaces.
   */
  private static int niceOfThisThread() throws IOException {
    String line = Files.readString(Path.of("/proc/thread-self/stat"));
    return Integer.parseInt(line.substring(line.lastIndexOf(')') + 2).split(" ")[16]);
  }
}
