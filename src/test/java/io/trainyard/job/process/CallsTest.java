package io.trainyard.job.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.process.ControlSocket;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class CallsTest {
  @TempDir private Path folder;
  private ControlSocket socket;
  private Channel here;
  private Channel there;
  private final BlockingQueue<Message> heard = new LinkedBlockingQueue<>();
  private final List<Long> late = new CopyOnWriteArrayList<>();
  private Calls calls;

  @BeforeEach
  void connect() throws Exception {
    socket = ControlSocket.open(folder.resolve("control"));
    here = new Channel(ControlSocket.connect(socket.path().toString()), "here");
    there = new Channel(socket.accept(), "there");
    Thread.ofPlatform().daemon().start(() -> there.read(heard::add));
    calls = new Calls(here, late::add);
  }

  @AfterEach
  void disconnect() throws IOException {
    here.close();
    there.close();
    socket.close();
  }

  private long call(Duration limit) {
    return calls.call(number -> new Message.Occupied("cpu", (int) number), limit);
  }

  private static Message.Answer answer(long call) {
    return new Message.Answer(call, null);
  }

  @Test
  void anAnswerEndsItsCallAndIsNotLate() throws Exception {
    Thread other =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    heard.take();
                    calls.answered(answer(1));
                  } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                });
    assertThat(call(Duration.ofSeconds(20))).isEqualTo(1);
    other.join();
    assertThat(late).isEmpty();
  }

  /** The other process has then done the work, and keeps a loaded version for nobody. */
  @Test
  void anAnswerAfterTheLimitIsLate() {
    assertThatThrownBy(() -> call(Duration.ofMillis(1)))
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
    calls.answered(answer(1));
    assertThat(late).containsExactly(1L);
  }

  @Test
  void anAnswerToAnInterruptedCallIsLate() throws Exception {
    Thread caller =
        Thread.ofVirtual()
            .start(
                () ->
                    assertThatThrownBy(() -> call(Duration.ofSeconds(20)))
                        .hasMessageContaining("stopping"));
    heard.take();
    caller.interrupt();
    caller.join();
    calls.answered(answer(1));
    assertThat(late).containsExactly(1L);
  }

  /** Of each call either its caller gets the answer, or it is late. */
  @Test
  void noAnswerIsLostWhenTheLimitEndsAtTheSameTime() throws Exception {
    int answered = 0;
    for (int i = 1; i <= 300; i++) {
      long number = i;
      Thread other = Thread.ofVirtual().unstarted(() -> calls.answered(answer(number)));
      try {
        long _ =
            calls.call(
                call -> {
                  other.start();
                  return new Message.Occupied("cpu", (int) call);
                },
                Duration.ZERO);
        answered++;
      } catch (ServiceException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE);
      }
      other.join();
    }
    assertThat(answered + late.size()).isEqualTo(300);
  }
}
