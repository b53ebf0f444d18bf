package io.trainyard.api.edge;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.io.IOException;
import java.util.function.LongSupplier;
import org.apache.coyote.InputBuffer;
import org.apache.tomcat.util.net.ApplicationBufferHandler;

/**
 * A body on its way from the connection. Only the time spent waiting for the sender counts, so a
 * handler may take its time between two reads.
 */
final class RateCheckedBody implements InputBuffer {
  private final InputBuffer connection;
  private final long window;
  private final long minRate;
  private final LongSupplier nanoTime;
  private long waited;
  private long received;
  private long total;
  private boolean tooSlow;

  RateCheckedBody(InputBuffer connection, EdgeProperties properties, LongSupplier nanoTime) {
    this.connection = connection;
    this.window = properties.minRateWindow().toNanos();
    this.minRate = properties.minRate().toBytes();
    this.nanoTime = nanoTime;
  }

  boolean isTooSlow() {
    return tooSlow;
  }

  /** Whether nothing more is read: it was too slow, or all of its declared bytes are here. */
  boolean isOver(long declared) {
    return tooSlow || (declared >= 0 && total >= declared);
  }

  @Override
  public int doRead(ApplicationBufferHandler handler) throws IOException {
    long started = nanoTime.getAsLong();
    int count = connection.doRead(handler);
    waited += nanoTime.getAsLong() - started;
    received += Math.max(count, 0);
    total += Math.max(count, 0);
    if (waited >= window) {
      checkRate();
      waited = 0;
      received = 0;
    }
    return count;
  }

  private void checkRate() {
    long expected = (long) (minRate * (waited / 1e9));
    if (received < expected) {
      tooSlow = true;
      throw new ServiceException(
          ErrorCode.SLOW_BODY,
          "The body arrived too slowly: %d bytes in %d seconds, at least %d per second are needed"
              .formatted(received, waited / 1_000_000_000, minRate));
    }
  }

  @Override
  public int available() {
    return connection.available();
  }
}
