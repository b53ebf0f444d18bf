package io.trainyard.api.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.trainyard.access.Proxies;
import io.trainyard.access.ProxyProperties;
import io.trainyard.api.ProblemWriter;
import io.trainyard.api.RequestPlace;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.util.unit.DataSize;
import tools.jackson.databind.json.JsonMapper;

/** Callers whose requests last, in a service that answers 16 at once. */
@Timeout(60)
class RequestLimitTest {
  private static final String GREEDY = "203.0.113.9";
  private static final String OTHER = "203.0.113.8";
  private static final String JOB = "/v1/jobs/1";
  private static final String PREDICT = "/v1/models/m/predict";

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final RequestLimit limit =
      new RequestLimit(
          new EdgeProperties(
              List.of(),
              List.of(),
              DataSize.ofBytes(0),
              Duration.ofSeconds(30),
              Duration.ofSeconds(10),
              16,
              false),
          new Proxies(new ProxyProperties(List.of("10.0.0.0/8"))),
          new ProblemWriter(new JsonMapper()),
          meters);

  private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch end = new CountDownLatch(1);

  @AfterEach
  void close() {
    end.countDown();
    callers.close();
  }

  private int status(String from, String method, String path, FilterChain handler)
      throws ServletException, IOException {
    MockHttpServletRequest request = new MockHttpServletRequest(method, path);
    request.setRemoteAddr(from);
    MockHttpServletResponse response = new MockHttpServletResponse();
    limit.doFilter(request, response, handler);
    return response.getStatus();
  }

  private int status(String from, String method, String path) throws Exception {
    return status(from, method, path, (_, _) -> {});
  }

  /** Starts requests that last; how many were taken. */
  private int hold(int requests, String from, String method, String path, Runnable first)
      throws InterruptedException {
    Semaphore told = new Semaphore(0);
    Semaphore taken = new Semaphore(0);
    for (int i = 0; i < requests; i++) {
      var _ =
          callers.submit(
              () -> {
                int status =
                    status(
                        from,
                        method,
                        path,
                        (_, _) -> {
                          first.run();
                          taken.release();
                          told.release();
                          try {
                            end.await();
                          } catch (InterruptedException e) {
                            throw new ServletException(e);
                          }
                        });
                if (status == 503) {
                  told.release();
                }
                return status;
              });
    }
    assertThat(told.tryAcquire(requests, 30, TimeUnit.SECONDS)).isTrue();
    return taken.availablePermits();
  }

  private int hold(int requests, String from, String method, String path) throws Exception {
    return hold(requests, from, method, path, () -> {});
  }

  @Test
  void oneAddressLeavesPlacesToOthers() throws Exception {
    assertThat(hold(30, GREEDY, "GET", "/v3/api-docs")).isEqualTo(6);
    assertThat(status(GREEDY, "GET", JOB)).isEqualTo(503);
    assertThat(status(OTHER, "GET", JOB)).isEqualTo(200);
    assertThat(hold(30, GREEDY, "POST", PREDICT)).isEqualTo(8);
    assertThat(status(OTHER, "POST", PREDICT)).isEqualTo(200);
    assertThat(status(GREEDY, "GET", "/livez")).isEqualTo(200);
  }

  /** Otherwise each request that it has sent in advance would be refused by itself. */
  @Test
  void aRefusalEndsItsConnection() throws Exception {
    assertThat(hold(30, GREEDY, "GET", JOB)).isEqualTo(6);
    MockHttpServletRequest request = new MockHttpServletRequest("GET", JOB);
    request.setRemoteAddr(GREEDY);
    MockHttpServletResponse response = new MockHttpServletResponse();
    limit.doFilter(request, response, (_, _) -> {});
    assertThat(response.getStatus()).isEqualTo(503);
    assertThat(response.getHeader("Connection")).isEqualTo("close");
  }

  @Test
  void aNetworkOfIpv6CountsAsOneAddress() throws Exception {
    assertThat(hold(30, "2001:db8::1", "POST", PREDICT)).isEqualTo(14);
    assertThat(status("2001:db8::2", "POST", PREDICT)).isEqualTo(503);
  }

  @Test
  void placesAreKeptForPredictions() throws Exception {
    assertThat(hold(30, "10.0.0.1", "GET", JOB)).isEqualTo(12);
    assertThat(status(OTHER, "GET", JOB)).isEqualTo(503);
    assertThat(status(OTHER, "GET", PREDICT)).isEqualTo(503);
    for (String path : List.of(PREDICT, "/v1/models/m:predict", "/v2/models/m/infer")) {
      assertThat(status(OTHER, "POST", path)).isEqualTo(200);
    }
  }

  @Test
  void whoWaitsForAJobLeavesItsPlace() throws Exception {
    assertThat(hold(30, GREEDY, "GET", JOB + "/events", RequestPlace::giveBack)).isEqualTo(30);
    assertThat(hold(30, "10.0.0.1", "GET", JOB)).isEqualTo(12);
  }

  /** Who waits keeps nothing busy from then on. */
  @Test
  void theTimeOfAWaitIsNotCounted() throws Exception {
    var _ =
        status(
            OTHER,
            "GET",
            JOB,
            (_, _) -> {
              long before = RequestPlace.busyUntil();
              assertThat(RequestPlace.busyUntil()).isGreaterThanOrEqualTo(before);
              RequestPlace.giveBack();
              long since = RequestPlace.busyUntil();
              LockSupport.parkNanos(2_000_000);
              assertThat(RequestPlace.busyUntil()).isEqualTo(since);
            });
  }

  @Test
  void metricsTellWhoHasPlacesAndWhoWasRefused() throws Exception {
    assertThat(hold(30, "10.0.0.1", "GET", JOB)).isEqualTo(12);
    assertThat(hold(3, OTHER, "POST", PREDICT)).isEqualTo(2);
    assertThat(gauge("trainyard.http.places", "requests")).isEqualTo(16);
    assertThat(gauge("trainyard.http.places.taken", "requests")).isEqualTo(14);
    assertThat(gauge("trainyard.http.places", "others")).isEqualTo(12);
    assertThat(gauge("trainyard.http.places.taken", "others")).isEqualTo(12);
    assertThat(
            meters
                .get("trainyard.http.places.refused")
                .tag("pool", "others")
                .functionCounter()
                .count())
        .isEqualTo(18);
  }

  private double gauge(String name, String pool) {
    return meters.get(name).tag("pool", pool).gauge().value();
  }
}
