package io.trainyard.api.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** A service on loopback answers only under the names of loopback. */
@ServiceTest
@Timeout(60)
class HostHttpTest {
  @Autowired private Http http;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "GET /v1/models HTTP/1.1\r\nHost: LocalHost:8080\r\nConnection: close\r\n\r\n",
        "GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1:1\r\nConnection: close\r\n\r\n",
        "GET /v1/models HTTP/1.1\r\nHost: [::1]\r\nConnection: close\r\n\r\n",
        "GET /v1/models HTTP/1.1\r\nHost: [::1]:8080\r\nConnection: close\r\n\r\n",
        "GET /v1/models HTTP/1.0\r\n\r\n",
        "GET http://localhost/v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: 10.1.2.3:8080\r\nConnection: close\r\n\r\n",
        "GET /readyz HTTP/1.1\r\nHost: 10.1.2.3:8080\r\nConnection: close\r\n\r\n",
        "GET /v2/health/live HTTP/1.1\r\nHost: 10.1.2.3:8080\r\nConnection: close\r\n\r\n",
        "GET /v2/health/ready HTTP/1.1\r\nHost: 10.1.2.3:8080\r\nConnection: close\r\n\r\n",
        "GET /actuator/health/liveness HTTP/1.1\r\nHost: 10.1.2.3\r\nConnection: close\r\n\r\n",
      })
  void loopbackNamesAreAnswered(String request) throws IOException {
    assertThat(http.raw(request)).startsWith("HTTP/1.1 200 ");
  }

  /** A detour leads where it leads, for every check. */
  @ParameterizedTest
  @CsvSource({
    "/actuator/health/../.., 200",
    "/actuator/health/../../, 200",
    "/actuator/health/../../v1/models, 200",
    "/v1//models, 200",
    "/v1/models/../models, 200",
    "/actuator/health/%2e%2e/%2e%2e/v1/nothing, 404",
    "/actuator/health/..;x/..;y/v1/models, 200"
  })
  void detoursLeadToTheirEnd(String path, int status) throws IOException {
    assertThat(
            http.raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 " + status + " ");
    if (path.startsWith("/actuator/health/") && path.endsWith("/v1/models")) {
      assertThat(
              http.raw(
                  "GET " + path + " HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"))
          .doesNotStartWith("HTTP/1.1 200 ");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /v1/models HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        "GET /v1/models HTTP/1.1\r\nHost: localhost.evil.example\r\n\r\n",
        "GET /v1/models HTTP/1.1\r\nHost: evil.example:80\r\n\r\n",
        "GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1.evil.example\r\n\r\n",
        "GET /v1/models HTTP/1.0\r\nHost: evil.example\r\n\r\n",
        "GET /livez/../v1/models HTTP/1.0\r\nHost: evil.example\r\n\r\n",
        "GET http://evil.example/v1/models HTTP/1.0\r\n\r\n",
        "GET http://evil.example/v1/models HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        "POST /v1/models HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\n\r\n",
        "GET /v1/models HTTP/1.1\r\nHost: [::1\r\n\r\n",
        "GET /v1/models HTTP/1.1\r\nHost:\r\n\r\n",
        "GET /v1/models HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
        "GET /v1/models HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        "GET /v1/models HTTP/1.1\r\nHost: localhost@evil.example\r\n\r\n",
        "GET http://evil.example/v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET http://localhost/v1/models HTTP/1.1\r\nHost: evil.example\r\n\r\n",
      })
  void foreignNamesAreRefused(String request) throws IOException {
    String answer = http.raw(request);
    assertThat(answer).matches("(?s)HTTP/1.1 4(21|00) .*").contains("application/problem+json");
  }

  @Test
  void refusalSaysTheWayOut() throws IOException {
    assertThat(http.raw("GET /v1/models HTTP/1.1\r\nHost: evil.example\r\n\r\n"))
        .startsWith("HTTP/1.1 421 ")
        .contains("\"code\":\"wrong_host\"", "localhost", "trainyard.http.hosts");
  }
}
