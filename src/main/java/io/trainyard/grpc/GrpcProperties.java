package io.trainyard.grpc;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Limits of gRPC beyond those of the server's own settings.
 *
 * @param maxConnections the most open connections
 * @param maxCalls the most open calls of all connections
 * @param maxBodies the memory that the requests of all calls share; null for 20 % of the heap
 */
@ConfigurationProperties("trainyard.grpc")
public record GrpcProperties(
    @DefaultValue("1024") int maxConnections,
    @DefaultValue("1000") int maxCalls,
    @Nullable DataSize maxBodies) {
  private static final double SHARE_OF_HEAP = 0.2;

  public GrpcProperties {
    if (maxConnections < 1 || maxCalls < 1) {
      throw new IllegalArgumentException(
          "trainyard.grpc.max-connections and max-calls must be at least 1, were %d and %d"
              .formatted(maxConnections, maxCalls));
    }
    if (maxBodies != null && maxBodies.toBytes() < 1024) {
      throw new IllegalArgumentException(
          "trainyard.grpc.max-bodies must be at least 1KB, was " + maxBodies);
    }
  }

  long bodyBytes() {
    return maxBodies == null
        ? (long) (SHARE_OF_HEAP * Runtime.getRuntime().maxMemory())
        : maxBodies.toBytes();
  }
}
