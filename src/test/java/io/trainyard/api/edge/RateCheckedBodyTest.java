package io.trainyard.api.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.apache.coyote.InputBuffer;
import org.apache.tomcat.util.net.ApplicationBufferHandler;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

class RateCheckedBodyTest {
  static final EdgeProperties PROPERTIES =
      new EdgeProperties(
          List.of(),
          List.of(),
          DataSize.ofKilobytes(1),
          Duration.ofSeconds(30),
          Duration.ofSeconds(10),
          1000,
          false);

  private static final ApplicationBufferHandler IGNORED =
      new ApplicationBufferHandler() {
        @Override
        public void setByteBuffer(ByteBuffer buffer) {}

        @Override
        public ByteBuffer getByteBuffer() {
          return ByteBuffer.allocate(0);
        }

        @Override
        public void expand(int size) {}
      };

  private final Counts counts = new Counts();

  @Test
  void largeBodyTakesATurnEvery64KilobytesAndASmallOneNone() throws IOException {
    read(65_535);
    assertThat(counts.turns).isZero();
    read(1_000_000);
    // Reads have 8 KB each, so a turn comes after eight of them.
    assertThat(counts.turns).isEqualTo(1_000_000 / 262_144);
  }

  @Test
  void largeBodyCountsUntilItsEnd() throws IOException {
    RateCheckedBody small = read(65_535);
    assertThat(counts.advancing).isZero();
    RateCheckedBody large = read(1_000_000);
    assertThat(counts.advancing).isEqualTo(1);
    small.end();
    assertThat(counts.advancing).isEqualTo(1);
    large.end();
    large.end();
    assertThat(counts.advancing).isZero();
  }

  @Test
  void singleBodyIsNotHeldUp() {
    BodyPace pace = new BodyPace();
    pace.enter();
    assertThat(pace.holdsUp()).isFalse();
    pace.enter();
    assertThat(pace.holdsUp()).isTrue();
    pace.leave();
    assertThat(pace.holdsUp()).isFalse();
  }

  private RateCheckedBody read(int bytes) throws IOException {
    RateCheckedBody body = new RateCheckedBody(new Connection(bytes), PROPERTIES, () -> 0, counts);
    while (body.doRead(IGNORED) >= 0) {}
    return body;
  }

  private static final class Counts implements RateCheckedBody.Pace {
    private int advancing;
    private int turns;

    @Override
    public void enter() {
      advancing++;
    }

    @Override
    public void awaitTurn() {
      turns++;
    }

    @Override
    public void leave() {
      advancing--;
    }
  }

  /** A sender whose bytes are always there, 8 KB at a time. */
  private static final class Connection implements InputBuffer {
    private int left;

    Connection(int bytes) {
      left = bytes;
    }

    @Override
    public int doRead(ApplicationBufferHandler handler) {
      int read = left == 0 ? -1 : Math.min(8192, left);
      left -= Math.max(0, read);
      return read;
    }

    @Override
    public int available() {
      return left;
    }
  }
}
