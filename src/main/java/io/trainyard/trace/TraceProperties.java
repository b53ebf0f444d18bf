package io.trainyard.trace;

import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where traces go.
 *
 * @param endpoint the URL of a collector for OTLP over HTTP; null: there are no traces
 * @param sample the share of requests that are traced, of those whose caller has not decided it
 * @param headers sent to the collector
 */
@ConfigurationProperties("trainyard.traces")
public record TraceProperties(
    @Nullable URI endpoint,
    @DefaultValue("1") double sample,
    @DefaultValue Map<String, String> headers) {
  public TraceProperties {
    headers = Map.copyOf(headers);
    if (endpoint != null && endpoint.toString().isBlank()) {
      endpoint = null;
    }
    if (endpoint != null && (endpoint.getHost() == null || !isHttp(endpoint))) {
      throw new IllegalArgumentException(
          "trainyard.traces.endpoint must be a URL like http://collector:4318/v1/traces, was "
              + endpoint);
    }
    if (!(sample >= 0 && sample <= 1)) {
      throw new IllegalArgumentException(
          "trainyard.traces.sample must be in [0, 1], was " + sample);
    }
  }

  private static boolean isHttp(URI endpoint) {
    return "http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme());
  }
}
