package io.trainyard.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trainyard.Http;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Honest callers beside attackers, for an hour: {@code .ci/soak}. */
@Tag("soak")
class SoakIT {
  private static final int MINUTES = Integer.getInteger("soak.minutes", 60);
  private static final Pattern FRAME = Pattern.compile("(?m)^\\s+at [\\w.$/]+\\(.*$");

  @TempDir private Path data;

  @Test
  void honestCallersLoseNothing() throws Exception {
    long seed = MutatedRequests.seed();
    try (AttackedService service = AttackedService.startWithKeys(data)) {
      List<String> failures;
      List<String> faults;
      try (HonestCallers callers = new HonestCallers(service.http(), service.grpcPort())) {
        run(service, Duration.ofSeconds(10));
        callers.report();
        run(service, Duration.ofSeconds(50));
        System.out.print("At rest:\n" + callers.report());
        try (Attackers attackers = new Attackers(service.http(), service.grpcPort(), seed)) {
          callers.report();
          run(service, Duration.ofMinutes(MINUTES));
          System.out.print("Under attack:\n" + callers.report() + attackers.report());
          faults = attackers.faults();
        }
        failures = callers.failures();
      } finally {
        Files.writeString(Path.of("target", "soak.log"), service.log());
      }
      faults.stream().limit(50).forEach(System.out::println);
      assertThat(service.isAlive()).as(service.tail()).isTrue();
      assertThat(failures).as("%d failures", failures.size()).isEmpty();
      assertThat(FRAME.matcher(service.log()).results().limit(20).map(found -> found.group()))
          .as("stack traces in target/soak.log")
          .isEmpty();
      // The first scrape has the folders measured.
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () ->
                  assertThat(service.http().get("/actuator/prometheus").expect(200).text().lines())
                      .filteredOn(line -> line.startsWith("trainyard_") && line.endsWith(" NaN"))
                      .isEmpty());
      assertThat(faults).as("%d answers that break a rule", faults.size()).isEmpty();
    }
  }

  private static void run(AttackedService service, Duration time) {
    Instant end = Instant.now().plus(time);
    while (Instant.now().isBefore(end) && service.isAlive()) {
      Http.pause(Duration.ofMillis(500));
    }
  }
}
