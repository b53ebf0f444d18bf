package io.trainyard.api.edge;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.io.IOException;
import java.util.function.LongSupplier;
import org.apache.coyote.InputBuffer;
import org.apache.tomcat.util.net.ApplicationBufferHandler;

/**
 * A body on its way from the connection. Only the time spent waiting for the sender counts, so a
 * handler may take its time between two reads. A large body takes turns with other work.
 */
final class RateCheckedBody implements InputBuffer {
  /** How many bytes a body gets in one turn. */
  private static final int TURN = 1 << 18;

  /** How large bodies share the cores with small requests. */
  interface Pace {
    /** One more large body advances. */
    void enter();

    /** Waits until it may go on. */
    void awaitTurn();

    /** It is over. */
    void leave();
  }

  private final InputBuffer connection;
  private final long window;
  private final long minRate;
  private final LongSupplier nanoTime;
  private final Pace pace;
  private long waited;
  private long received;
  private long total;
  private int inTurn;
  private boolean advancing;
  private boolean ended;
  private boolean tooSlow;

  /**
   * @param pace says when the next part of a large body may be read
   */
  RateCheckedBody(
      InputBuffer connection, EdgeProperties properties, LongSupplier nanoTime, Pace pace) {
    this.connection = connection;
    this.window = properties.minRateWindow().toNanos();
    this.minRate = properties.minRate().toBytes();
    this.nanoTime = nanoTime;
    this.pace = pace;
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
    inTurn += Math.max(count, 0);
    if (inTurn >= TURN) {
      inTurn = 0;
      if (!advancing && !ended) {
        advancing = true;
        pace.enter();
      }
      pace.awaitTurn();
    }
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

  /** The exchange is over: others need not wait for this body. */
  void end() {
    ended = true;
    if (advancing) {
      advancing = false;
      pace.leave();
    }
  }

  @Override
  public int available() {
    return connection.available();
  }
}
