package io.trainyard.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FairSlotsTest {
  private static final int MOST = 16;

  private final FairSlots places = new FairSlots(MOST, new Proxies(new ProxyProperties(List.of())));

  /** Callers that come and go at the same time, so that addresses are forgotten and seen again. */
  @Test
  void neverMoreThanAllAndNoneAfterTheEnd() throws Exception {
    AtomicInteger held = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger taken = new AtomicInteger();
    List<Future<?>> ends = new ArrayList<>();
    try (ExecutorService callers = Executors.newFixedThreadPool(8)) {
      for (int i = 0; i < 8; i++) {
        String address = "203.0.113." + i % 3;
        boolean all = i % 2 == 0;
        ends.add(
            callers.submit(
                () -> {
                  for (int turn = 0; turn < 20_000; turn++) {
                    List<FairSlots.Place> mine = new ArrayList<>();
                    for (int n = 0; n < 3; n++) {
                      FairSlots.Place place =
                          all ? places.takeMostFor(address) : places.takeFor(address);
                      if (place != null) {
                        most.accumulateAndGet(held.incrementAndGet(), Math::max);
                        mine.add(place);
                      }
                    }
                    taken.addAndGet(mine.size());
                    for (FairSlots.Place place : mine) {
                      held.decrementAndGet();
                      place.close();
                      place.close();
                    }
                  }
                }));
      }
      for (Future<?> end : ends) {
        end.get();
      }
    }
    assertThat(most.get()).isBetween(2, MOST);
    assertThat(taken.get()).isGreaterThan(20_000);
    assertThat(places.taken()).isZero();
    for (int i = 0; i < 3; i++) {
      assertThat(places.taken(InetAddress.ofLiteral("203.0.113." + i))).isZero();
    }
    List<FairSlots.Place> all = new ArrayList<>();
    for (int i = 0; i < MOST; i++) {
      all.add(places.takeFor("198.51.100." + i));
    }
    assertThat(all).doesNotContainNull();
    assertThat(places.takeFor("198.51.100.99")).isNull();
  }
}
