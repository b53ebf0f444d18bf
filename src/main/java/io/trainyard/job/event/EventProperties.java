package io.trainyard.job.event;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Limits of the callers that watch jobs.
 *
 * @param maxWatchers the most event streams and waiting requests at once; they have none of the
 *     places of max-requests
 */
@ConfigurationProperties("trainyard.http")
record EventProperties(@DefaultValue("5000") int maxWatchers) {
  EventProperties {
    if (maxWatchers < 1 || maxWatchers > 1_000_000) {
      throw new IllegalArgumentException(
          "trainyard.http.max-watchers must be in 1..1000000, was " + maxWatchers);
    }
  }
}
