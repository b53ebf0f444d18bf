package io.trainyard.grpc;

import io.trainyard.os.OpenFiles;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Limits of gRPC beyond those of the server's own settings.
 *
 * @param maxConnections the most open connections, fewer where the heap is small
 * @param maxCalls the most open calls of all connections
 * @param maxBodies the memory that the requests of all calls share; null for 20 % of the heap
 */
@ConfigurationProperties("trainyard.grpc")
public record GrpcProperties(
    @DefaultValue("1024") int maxConnections,
    @DefaultValue("1000") int maxCalls,
    @Nullable DataSize maxBodies) {
  private static final double SHARE_OF_HEAP = 0.2;

  /** What a connection may hold before one of its calls is known. */
  static final int CONNECTION_BYTES = 128 << 10;

  /** The part of the heap that connections may fill. */
  private static final int CONNECTIONS_SHARE = 8;

  /** The part of the open files, beside those that the process needs. */
  private static final int FILES_SHARE = 4;

  /** Fewer serve nobody. */
  private static final int LEAST_CONNECTIONS = 32;

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

  /**
   * How many connections there may be.
   *
   * @param files how many files and connections the process may have open
   */
  int connections(long heap, long files) {
    long ofHeap = Math.max(LEAST_CONNECTIONS, heap / CONNECTIONS_SHARE / CONNECTION_BYTES);
    long fitting = Math.min(ofHeap, OpenFiles.connections(files, FILES_SHARE));
    return (int) Math.min(maxConnections, fitting);
  }

  long bodyBytes() {
    return maxBodies == null
        ? (long) (SHARE_OF_HEAP * Runtime.getRuntime().maxMemory())
        : maxBodies.toBytes();
  }
}
