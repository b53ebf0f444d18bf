package io.trainyard.api.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import jdk.management.VirtualThreadSchedulerMXBean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class SpareCarriersTest {
  private static final String UPLOAD = "/v1/datasets";

  private int carriers = 2;

  private final SpareCarriers filter =
      new SpareCarriers(
          new SpareCarriers.Carriers() {
            @Override
            public int count() {
              return carriers;
            }

            @Override
            public void change(int count) {
              carriers = count;
            }
          });

  private void send(String path, int bytes, FilterChain handler)
      throws ServletException, IOException {
    MockHttpServletRequest request = new MockHttpServletRequest("POST", path);
    request.setContent(new byte[bytes]);
    filter.doFilter(request, new MockHttpServletResponse(), handler);
  }

  /** So many uploads at once. */
  private void uploads(int count, Runnable inside) throws ServletException, IOException {
    if (count == 0) {
      inside.run();
      return;
    }
    send(UPLOAD, 2 << 20, (_, _) -> uploads(count - 1, inside));
  }

  @ParameterizedTest
  @CsvSource({"1, 3", "3, 5", "4, 6", "9, 6"})
  void eachLargeBodyHasOneUpToABound(int uploads, int most) throws ServletException, IOException {
    uploads(uploads, () -> assertThat(carriers).isEqualTo(most));
    assertThat(carriers).isEqualTo(2);
  }

  @Test
  void smallBodiesAndPredictionsHaveNone() throws ServletException, IOException {
    send(UPLOAD, 1 << 20, (_, _) -> assertThat(carriers).isEqualTo(2));
    send("/v1/models/m/predict", 2 << 20, (_, _) -> assertThat(carriers).isEqualTo(2));
  }

  @Test
  void bodyOfUnknownLengthHasOne() throws ServletException, IOException {
    MockHttpServletRequest request = new MockHttpServletRequest("POST", UPLOAD);
    request.addHeader("Transfer-Encoding", "chunked");
    filter.doFilter(
        request, new MockHttpServletResponse(), (_, _) -> assertThat(carriers).isEqualTo(3));
  }

  @Test
  void failureGivesItBack() {
    assertThatThrownBy(
            () ->
                send(
                    UPLOAD,
                    2 << 20,
                    (_, _) -> {
                      throw new IOException("broken");
                    }))
        .hasMessage("broken");
    assertThat(carriers).isEqualTo(2);
  }

  @Test
  void schedulerOfTheProcessFollows() throws ServletException, IOException {
    VirtualThreadSchedulerMXBean scheduler =
        ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class);
    int before = scheduler.getParallelism();
    MockHttpServletRequest request = new MockHttpServletRequest("POST", UPLOAD);
    request.setContent(new byte[2 << 20]);
    new SpareCarriers()
        .doFilter(
            request,
            new MockHttpServletResponse(),
            (_, _) -> assertThat(scheduler.getParallelism()).isEqualTo(before + 1));
    assertThat(scheduler.getParallelism()).isEqualTo(before);
  }

  /** Downloads that wait for the disk are not announced by a length. */
  @Test
  void threadsThatDoNotRunGetMoreUntilTheyRun() throws ServletException, IOException {
    for (int more : new int[] {3, 4, 5, 6, 6}) {
      filter.look(true);
      assertThat(carriers).isEqualTo(more);
    }
    uploads(2, () -> assertThat(carriers).as("the bound is of both").isEqualTo(6));
    assertThat(carriers).isEqualTo(6);
    filter.look(false);
    assertThat(carriers).isEqualTo(2);
    uploads(
        1,
        () -> {
          filter.look(true);
          assertThat(carriers).isEqualTo(4);
          filter.look(false);
          assertThat(carriers).isEqualTo(3);
        });
    assertThat(carriers).isEqualTo(2);
  }
}
