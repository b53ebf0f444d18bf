package io.trainyard.api.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** Pages of other web sites can't change anything; other callers and own pages can. */
@ServiceTest
@Timeout(60)
class CrossSiteHttpTest {
  @Autowired private Http http;

  private String answer(String method, String headers) throws IOException {
    return http.raw(
        method
            + " /v1/models/none/aliases/production/rollback HTTP/1.1\r\nHost: localhost:8080\r\n"
            + headers
            + "Content-Length: 0\r\nConnection: close\r\n\r\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Origin: https://evil.example\r\n",
        "Origin: null\r\n",
        "Origin:\r\n",
        "Origin: http://localhost:3000\r\n",
        "Origin: http://localhost\r\n",
        "Origin: localhost:8080\r\n",
        "Origin: http://localhost:8080.evil.example\r\n",
        "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: same-site\r\nOrigin: http://localhost:3000\r\n",
        "Sec-Fetch-Site: cross-site\r\nOrigin: http://localhost:8080\r\n",
        "Sec-Fetch-Site: other\r\n",
      })
  void pagesOfOtherOriginsAreRefused(String headers) throws IOException {
    for (String method : new String[] {"POST", "PUT", "DELETE", "PATCH", "BREW"}) {
      assertThat(answer(method, headers))
          .startsWith("HTTP/1.1 403 ")
          .contains(
              "application/problem+json", "\"code\":\"cross_site\"", "trainyard.http.origins");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Origin: http://localhost:8080\r\n",
        "Origin: HTTP://LOCALHOST:8080\r\n",
        "Sec-Fetch-Site: same-origin\r\n",
        "Sec-Fetch-Site: none\r\n",
        "Sec-Fetch-Site: same-origin\r\nOrigin: http://localhost:8080\r\n",
      })
  void ownPagesAndOtherCallersAreServed(String headers) throws IOException {
    assertThat(answer("POST", headers)).startsWith("HTTP/1.1 404 ").contains("not_found");
  }

  @Test
  void pagesOfOtherOriginsReadNothingButTheStatus() throws IOException {
    String answer =
        http.raw(
            "GET /v1/models HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\nConnection: close\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 200 ").doesNotContain("Access-Control-Allow-Origin");
  }

  @Test
  void swaggerIsServedAndCallsItsOwnOrigin() {
    Http.Answer page = http.get("/docs");
    assertThat(page.status()).isIn(200, 302);
    http.get("/v3/api-docs").expect(200);
    http.send(
            "POST",
            "/v1/models:validate",
            Http.utf8("[]"),
            "Content-Type",
            "application/json",
            "Origin",
            http.base())
        .expectFault("", "object");
  }
}
