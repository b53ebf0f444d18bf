package io.trainyard.api.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
@Tag("long")
class VirtualThreadsTest {
  private final OwnConnections own = new OwnConnections();
  private final AtomicInteger heard = new AtomicInteger();
  private final AtomicInteger carriers = new AtomicInteger(2);
  private final SpareCarriers spare =
      new SpareCarriers(
          new SpareCarriers.Carriers() {
            @Override
            public int count() {
              return carriers.get();
            }

            @Override
            public void change(int count) {
              carriers.set(count);
            }
          });
  private final VirtualThreads threads = new VirtualThreads(own, spare, heard::incrementAndGet);

  @Test
  void theyAreHeardWhenOneRunsOrWhenTheyWorkForOthers() throws Exception {
    threads.look();
    await().until(() -> heard.get() == 2); // the first look, and the thread
    threads.look();
    await().until(() -> heard.get() == 3);
    CountDownLatch end = BusyThreads.begin();
    try {
      int before = heard.get();
      for (int i = 0; i < 3; i++) {
        threads.look();
        Thread.sleep(50);
      }
      assertThat(heard.get()).as("all are busy").isEqualTo(before);
      assertThat(carriers.get()).as("two looks found none that ran").isEqualTo(4);
      own.servedOther();
      threads.look();
      assertThat(heard.get()).as("busy with others").isEqualTo(before + 1);
    } finally {
      end.countDown();
    }
    await().until(() -> heard.get() > 4);
    threads.look();
    assertThat(carriers.get()).isEqualTo(2);
  }
}
