package io.trainyard.store.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.TestProcess;
import java.lang.ref.Cleaner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Processes that start at the same time do not remove each other's folders. */
@Timeout(120)
@Tag("service")
class ScratchTest {
  private static final int STARTERS = 4;

  @TempDir Path parent;

  /** Creates scratch folders below the first argument; prints how many of them disappeared. */
  static final class Starter {
    private Starter() {}

    public static void main(String[] arguments) throws Exception {
      Path parent = Path.of(arguments[0]);
      int missing = 0;
      for (int i = 0; i < 200; i++) {
        Scratch scratch = new Scratch(parent);
        Files.writeString(scratch.folder().resolve("task"), "half an upload");
        missing += Files.exists(scratch.folder().resolve("lock")) ? 0 : 1;
      }
      System.out.print(missing + " missing");
    }
  }

  @Test
  void processesThatStartTogetherKeepTheirFolders() throws Exception {
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < STARTERS; i++) {
      processes.add(
          TestProcess.of(List.of(), Starter.class, parent.toString())
              .redirectErrorStream(true)
              .start());
    }
    for (Process process : processes) {
      assertThat(new String(process.getInputStream().readAllBytes(), UTF_8)).isEqualTo("0 missing");
    }
  }

  @Test
  void threadsThatStartTogetherKeepTheirFolders() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newFixedThreadPool(STARTERS)) {
      List<Future<Scratch>> made = new ArrayList<>();
      for (int i = 0; i < STARTERS; i++) {
        made.add(
            threads.submit(
                () -> {
                  go.await();
                  return new Scratch(parent);
                }));
      }
      go.countDown();
      for (Future<Scratch> scratch : made) {
        assertThat(scratch.get().folder().resolve("lock")).exists();
      }
    }
  }

  @Test
  void folderLivesAsLongAsItsProcess() throws Exception {
    Path folder = new Scratch(parent).folder();
    collectGarbage();
    assertThat(new Scratch(parent).folder()).isNotEqualTo(folder);
    assertThat(folder).exists();
  }

  private static void collectGarbage() throws Exception {
    CountDownLatch collected = new CountDownLatch(1);
    Cleaner.create().register(new Object(), collected::countDown);
    while (!collected.await(50, TimeUnit.MILLISECONDS)) {
      System.gc();
    }
  }

  @Test
  void nextStartRemovesFoldersOfDeadProcesses() throws Exception {
    Path dead = Files.createDirectories(parent.resolve("killed"));
    Files.writeString(dead.resolve("lock"), "");
    Path early = Files.createDirectories(parent.resolve("killed before it had its lock"));
    Path stray = Files.writeString(parent.resolve("of an earlier build"), "");
    Scratch living = new Scratch(parent);
    assertThat(dead).doesNotExist();
    assertThat(early).doesNotExist();
    assertThat(stray).doesNotExist();
    assertThat(new Scratch(parent).folder()).isNotEqualTo(living.folder());
    assertThat(living.folder()).exists();
  }
}
