package io.trainyard.os;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.TestProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@Tag("service")
class WatchdogTest {
  private static final String END = "; this process ends, with exit code 70";

  private final List<String> ends = new ArrayList<>();
  private final Watchdog watchdog = new Watchdog((reason, _) -> ends.add(reason));

  private void rounds(int count) {
    for (int i = 0; i < count; i++) {
      watchdog.round();
    }
  }

  @Test
  void aFaultThatStaysEndsTheProcess() {
    AtomicBoolean dead = new AtomicBoolean();
    var _ =
        watchdog.watch(
            Watchdog.ofCondition("The thread 'poller' has ended", dead::get, () -> false));
    rounds(100);
    dead.set(true);
    rounds(1);
    dead.set(false);
    rounds(1);
    assertThat(ends).isEmpty();
    dead.set(true);
    rounds(2);
    assertThat(ends).containsExactly("The thread 'poller' has ended" + END);
  }

  /** As that of a backup: else each backup would leave one behind. */
  @Test
  void aWatchThatIsOverIsRemoved() {
    AtomicBoolean over = new AtomicBoolean();
    var _ =
        watchdog.watch(Watchdog.ofCondition("The task 'renewal' has ended", over::get, over::get));
    rounds(3);
    assertThat(watchdog.size()).isEqualTo(1);
    over.set(true);
    rounds(3);
    assertThat(watchdog.size()).isZero();
    assertThat(ends).isEmpty();
  }

  /** Rounds count, not the clock: a stopped process has none. */
  @Test
  void silenceOfThirtyRoundsEndsTheProcess() {
    Watchdog.Answers answers = watchdog.watch(new Watchdog.Answers("The process"));
    rounds(30);
    answers.heard();
    rounds(31);
    assertThat(ends).isEmpty();
    rounds(1);
    assertThat(ends).containsExactly("The process has not answered for 30 s" + END);
  }

  /** Without a watchdog, as in these tests, nothing is watched. */
  @Test
  void aProcessThatIsNotArmedWatchesNothing() throws InterruptedException {
    Thread thread =
        Watchdog.loop(
            "planted",
            () -> {
              // ends at once
            });
    thread.start();
    thread.join();
    assertThat(Watchdog.isArmed()).isFalse();
  }

  /** What {@link #aDeadThreadEndsItsProcess} starts. */
  public static final class Armed {
    private Armed() {}

    public static void main(String[] args) throws InterruptedException {
      Watchdog.arm();
      Watchdog.loop("good", () -> {}).start();
      Thread dying =
          Watchdog.loop(
              "dying",
              () -> {
                if (args[0].equals("dies")) {
                  throw new OutOfMemoryError("planted");
                }
              });
      dying.setUncaughtExceptionHandler((_, _) -> {});
      dying.start();
      Thread.sleep(args[0].equals("dies") ? 30_000 : 3_500);
    }
  }

  @Test
  void aDeadThreadEndsItsProcess() throws IOException, InterruptedException {
    Process dies = start("dies");
    Process lives = start("lives");
    String said = new String(dies.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(dies.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(dies.exitValue()).isEqualTo(Watchdog.EXIT_CODE);
    assertThat(said.lines().toList())
        .singleElement()
        .asString()
        .endsWith("The thread 'dying' has ended" + END);
    assertThat(lives.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(lives.exitValue()).as("a loop that returns is no death").isZero();
  }

  private static Process start(String how) throws IOException {
    return TestProcess.of(List.of("-Xmx32m"), Armed.class, how).redirectErrorStream(true).start();
  }
}
