package io.trainyard.api.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.catalina.connector.ClientAbortException;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class RateCheckedAnswerTest {
  private final AtomicInteger broken = new AtomicInteger();
  private long now;
  private long bytesPerSecond;
  private int sent;

  private final RateCheckedAnswer answer =
      new RateCheckedAnswer(
          new ServletOutputStream() {
            @Override
            public void write(int one) {
              write(new byte[1], 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
              sent += length;
              now += length * 1_000_000_000L / bytesPerSecond;
            }

            @Override
            public boolean isReady() {
              return true;
            }

            @Override
            public void setWriteListener(WriteListener listener) {}
          },
          RateCheckedBodyTest.PROPERTIES,
          () -> now,
          broken::incrementAndGet);

  @Test
  void aSlowReaderLosesItsConnection() {
    bytesPerSecond = 1000;
    assertThatThrownBy(() -> answer.write(new byte[1 << 20]))
        .isInstanceOf(ClientAbortException.class)
        .hasMessageContaining("32768 bytes in 32 seconds");
    assertThat(broken).hasValue(1);
    assertThat(sent).as("one part more than in the window").isEqualTo(32_768);
  }

  @Test
  void oneThatIsFastEnoughGetsAll() throws IOException {
    bytesPerSecond = 1100;
    answer.write(new byte[1 << 20]);
    answer.flush();
    assertThat(sent).isEqualTo(1 << 20);
    assertThat(broken).hasValue(0);
  }

  /** A handler may compute between two writes, and an event stream may be silent. */
  @Test
  void theTimeBetweenWritesDoesNotCount() throws IOException {
    bytesPerSecond = 1_000_000;
    for (int i = 0; i < 100; i++) {
      answer.write('a');
      now += Duration.ofMinutes(1).toNanos();
    }
    assertThat(broken).hasValue(0);
  }

  @Test
  void everyAnswerIsTimed() throws Exception {
    MockHttpServletResponse response = new MockHttpServletResponse();
    new ReaderRateFilter(RateCheckedBodyTest.PROPERTIES)
        .doFilter(
            new MockHttpServletRequest(),
            response,
            (_, timed) -> {
              assertThat(timed.getOutputStream()).isInstanceOf(RateCheckedAnswer.class);
              assertThat(timed.getOutputStream()).isSameAs(timed.getOutputStream());
              timed.getOutputStream().write(new byte[] {'o', 'k'});
            });
    assertThat(response.getContentAsString()).isEqualTo("ok");
  }
}
