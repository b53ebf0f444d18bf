package io.trainyard.api.edge;

import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What is demanded of every request.
 *
 * @param hosts names that callers may use for this service; empty for the default
 * @param origins web origins whose pages may change something here, as in https://lab.example.com
 * @param minRate the bytes per second that a sender and a reader must reach; 0 for any
 * @param minRateWindow the time over which the rate is averaged
 * @param headTime how long the head of a request may take, from its first byte; also a handshake
 * @param maxRequests the most requests at once
 * @param accessLog whether each request is logged with its status and time
 */
@ConfigurationProperties("trainyard.http")
record EdgeProperties(
    @DefaultValue List<String> hosts,
    @DefaultValue List<String> origins,
    @DefaultValue("1KB") DataSize minRate,
    @DefaultValue("30s") Duration minRateWindow,
    @DefaultValue("10s") Duration headTime,
    @DefaultValue("1000") int maxRequests,
    @DefaultValue("false") boolean accessLog) {
  EdgeProperties {
    hosts = List.copyOf(hosts);
    origins = List.copyOf(origins);
    if (minRate.isNegative()) {
      throw new IllegalArgumentException("trainyard.http.min-rate must be 0 or more: " + minRate);
    }
    if (minRateWindow.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException(
          "trainyard.http.min-rate-window must be 1s or more, was " + minRateWindow);
    }
    if (headTime.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException(
          "trainyard.http.head-time must be 1s or more, was " + headTime);
    }
    if (maxRequests < 1) {
      throw new IllegalArgumentException(
          "trainyard.http.max-requests must be 1 or more, was " + maxRequests);
    }
  }
}
