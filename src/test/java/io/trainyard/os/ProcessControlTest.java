package io.trainyard.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
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
