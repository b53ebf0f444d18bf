package io.trainyard.api.edge;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.util.function.LongSupplier;
import org.apache.catalina.connector.ClientAbortException;

/**
 * An answer on its way to the connection. Only the time spent waiting for the reader counts, so a
 * handler may take its time between two writes.
 */
final class RateCheckedAnswer extends ServletOutputStream {
  /** Larger parts would hide how their time passes. */
  private static final int PART = 16 << 10;

  private final ServletOutputStream connection;
  private final long window;
  private final long minRate;
  private final LongSupplier nanoTime;
  private final Runnable breakOff;
  private long waited;
  private long sent;

  /**
   * @param breakOff has the connection closed
   */
  RateCheckedAnswer(
      ServletOutputStream connection,
      EdgeProperties properties,
      LongSupplier nanoTime,
      Runnable breakOff) {
    this.connection = connection;
    this.window = properties.minRateWindow().toNanos();
    this.minRate = properties.minRate().toBytes();
    this.nanoTime = nanoTime;
    this.breakOff = breakOff;
  }

  /** A write to the connection. */
  @FunctionalInterface
  private interface Write {
    void run() throws IOException;
  }

  @Override
  public void write(int one) throws IOException {
    timed(1, () -> connection.write(one));
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    for (int done = 0; done < length; done += PART) {
      int at = offset + done;
      int count = Math.min(PART, length - done);
      timed(count, () -> connection.write(bytes, at, count));
    }
  }

  @Override
  public void flush() throws IOException {
    timed(0, connection::flush);
  }

  @Override
  public void close() throws IOException {
    timed(0, connection::close);
  }

  private void timed(int bytes, Write write) throws IOException {
    long started = nanoTime.getAsLong();
    write.run();
    waited += nanoTime.getAsLong() - started;
    sent += bytes;
    if (waited >= window) {
      if (sent < (long) (minRate * (waited / 1e9))) {
        breakOff.run();
        throw new ClientAbortException(
            "The answer is read too slowly: %d bytes in %d seconds"
                .formatted(sent, waited / 1_000_000_000));
      }
      waited = 0;
      sent = 0;
    }
  }

  @Override
  public boolean isReady() {
    return connection.isReady();
  }

  @Override
  public void setWriteListener(WriteListener listener) {
    connection.setWriteListener(listener);
  }
}
