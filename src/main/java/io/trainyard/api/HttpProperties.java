package io.trainyard.api;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Limits of request bodies and of pages.
 *
 * @param maxBodies the heap that all bodies share; null for 40 % of it
 * @param bodyWait how long a request waits for room in that heap
 * @param maxPage about where the page of a list ends, whatever its page_size
 */
@ConfigurationProperties("trainyard.http")
public record HttpProperties(
    @DefaultValue("16MB") DataSize maxJson,
    @DefaultValue("256MB") DataSize maxPredict,
    @Nullable DataSize maxBodies,
    @DefaultValue("2s") Duration bodyWait,
    @DefaultValue("4MB") DataSize maxPage) {
  private static final double SHARE_OF_HEAP = 0.4;

  public HttpProperties {
    bounded("max-json", maxJson);
    bounded("max-predict", maxPredict);
    bounded("max-page", maxPage);
    if (maxBodies != null && maxBodies.toBytes() < 1024) {
      throw new IllegalArgumentException(
          "trainyard.http.max-bodies must be at least 1KB, was " + maxBodies);
    }
    if (bodyWait.isNegative()) {
      throw new IllegalArgumentException(
          "trainyard.http.body-wait must be 0 or more, was " + bodyWait);
    }
  }

  long bodyBytes() {
    return maxBodies == null
        ? (long) (SHARE_OF_HEAP * Runtime.getRuntime().maxMemory())
        : maxBodies.toBytes();
  }

  private static void bounded(String name, DataSize size) {
    if (size.toBytes() < 1024 || size.toBytes() > DataSize.ofGigabytes(1).toBytes()) {
      throw new IllegalArgumentException(
          "trainyard.http." + name + " must be between 1KB and 1GB, was " + size);
    }
  }
}
