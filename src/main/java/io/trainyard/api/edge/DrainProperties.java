package io.trainyard.api.edge;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.convert.DurationUnit;

/**
 * How a process leaves a load balancer.
 *
 * @param drain the time between the end of readiness and the end of service; a number is seconds
 */
@ConfigurationProperties("trainyard.http")
public record DrainProperties(@DefaultValue("0") @DurationUnit(ChronoUnit.SECONDS) Duration drain) {
  private static final Duration LONGEST = Duration.ofMinutes(10);

  public DrainProperties {
    if (drain.isNegative() || drain.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "trainyard.http.drain must be between 0s and 10m, was " + drain);
    }
  }
}
