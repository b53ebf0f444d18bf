package io.trainyard.store.retention;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How long versions are kept. The newest ones of each name stay, and all that an alias, a job,
 * another version or a pin needs.
 *
 * @param datasets null: for ever
 * @param versions null: for ever
 * @param newest how many of each name stay however old they are
 */
@ConfigurationProperties("trainyard.storage.retention")
record RetentionProperties(
    @Nullable Duration datasets, @Nullable Duration versions, @DefaultValue("1") int newest) {
  private static final Duration SHORTEST = Duration.ofMinutes(1);

  RetentionProperties {
    check("datasets", datasets);
    check("versions", versions);
    if (newest < 1) {
      throw new IllegalArgumentException(
          "trainyard.storage.retention.newest must be 1 or more, was " + newest);
    }
  }

  private static void check(String name, @Nullable Duration retention) {
    if (retention != null && retention.compareTo(SHORTEST) < 0) {
      throw new IllegalArgumentException(
          "trainyard.storage.retention." + name + " must be 1m or more, was " + retention);
    }
  }
}
