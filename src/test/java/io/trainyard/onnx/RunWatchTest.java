package io.trainyard.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RunWatchTest {
  @SuppressWarnings("unchecked")
  private static <X extends Throwable> void fail() throws X {
    throw (X) new Exception("not one that a look may throw");
  }

  @Test
  void nothingThatALookThrowsEndsTheWatch() throws Exception {
    RunWatch watch = new RunWatch("watch-test");
    CountDownLatch thrown = new CountDownLatch(1);
    try (RunWatch.Run _ =
        watch.watch(
            () -> {
              thrown.countDown();
              RunWatchTest.<RuntimeException>fail();
            })) {
      assertThat(thrown.await(10, TimeUnit.SECONDS)).isTrue();
      Thread.sleep(50);
    }
    CountDownLatch looks = new CountDownLatch(3);
    try (RunWatch.Run _ = watch.watch(looks::countDown)) {
      assertThat(looks.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }
}
