package io.trainyard.job.event;

import io.trainyard.error.SettingRange;
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
    SettingRange.require("trainyard.http.max-watchers", maxWatchers, 1, 1_000_000);
  }
}
