package io.trainyard.access;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.slf4j.LoggerFactory;

@Execution(ExecutionMode.SAME_THREAD)
class RefusedConnectionsTest {
  private static final InetAddress NAT = InetAddress.ofLiteral("203.0.113.7");

  private final FairSlots places = new FairSlots(8, new Proxies(new ProxyProperties(List.of())));
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
  private final RefusedConnections refused =
      new RefusedConnections(places, "the.setting", now::get);
  private final Logger logger = (Logger) LoggerFactory.getLogger(RefusedConnections.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(lines);
  }

  private void fill(@Nullable InetAddress address) {
    FairSlots.Place place;
    do {
      place = places.take(address);
    } while (place != null);
  }

  @Test
  void anAddressThatHasItsPartIsNamedOnceAMinute() {
    fill(NAT);
    refused.add(NAT);
    refused.add(NAT);
    now.addAndGet(Duration.ofSeconds(59).toNanos());
    refused.add(NAT);
    assertThat(lines.list).hasSize(1);
    now.addAndGet(Duration.ofSeconds(2).toNanos());
    refused.add(NAT);
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .satisfiesExactly(
            first ->
                assertThat(first)
                    .startsWith("Connections are closed, 1 since the last line, the last from")
                    .contains(
                        "203.0.113.7: it has 4 of 8", "trainyard.http.proxies", "the.setting"),
            second -> assertThat(second).startsWith("Connections are closed, 3 since"));
  }

  /** The last places are for addresses that have none. */
  @Test
  void oneOfManyWithFewIsNotBlamed() {
    FairSlots sixteen = new FairSlots(16, new Proxies(new ProxyProperties(List.of())));
    sixteen.take(NAT);
    for (int i = 1; i < 14; i++) {
      sixteen.take(InetAddress.ofLiteral("198.51.100." + i));
    }
    assertThat(sixteen.take(NAT)).isNull();
    new RefusedConnections(sixteen, "the.setting", now::get).add(NAT);
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(
            "Connections are closed, 1 since the last line: 14 of 16 are open (the.setting)");
  }

  @Test
  void allPlacesTakenIsNoAddressesFault() {
    fill(null);
    refused.add(NAT);
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(
            "Connections are closed, 1 since the last line: 8 of 8 are open (the.setting)");
  }
}
