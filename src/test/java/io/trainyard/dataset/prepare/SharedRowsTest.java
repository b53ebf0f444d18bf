package io.trainyard.dataset.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SharedRowsTest {
  @Test
  void waiterObeysItsCancellationWhileAnotherEncodes() throws Exception {
    SharedRows rows = new SharedRows(0);
    CountDownLatch encoding = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    CompletableFuture<Throwable> first =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return new AssertionError(
                    rows.get(
                        "key",
                        1,
                        () -> {
                          encoding.countDown();
                          try {
                            goOn.await();
                          } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                          }
                          throw new IllegalArgumentException("planted");
                        },
                        () -> false));
              } catch (IllegalArgumentException e) {
                return e;
              }
            });
    assertThat(encoding.await(10, TimeUnit.SECONDS)).isTrue();
    assertThatThrownBy(
            () ->
                rows.get(
                    "key",
                    1,
                    () -> {
                      throw new AssertionError("the rows are shared");
                    },
                    () -> true))
        .isInstanceOf(CancellationException.class);
    goOn.countDown();
    assertThat(first.get(10, TimeUnit.SECONDS)).hasMessage("planted");
  }
}
