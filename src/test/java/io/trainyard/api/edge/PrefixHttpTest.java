package io.trainyard.api.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.ServiceTest;
import io.trainyard.api.PathPrefix;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** A proxy shows the service under a path of its own, which it takes off. */
@ServiceTest
@Timeout(60)
class PrefixHttpTest {
  private static final String[] UNDER = {"X-Forwarded-Prefix", "/ml/trainyard"};

  @Autowired private Http http;

  private Answer get(String path, String accept) {
    return http.get(path, "Accept", accept, UNDER[0], UNDER[1]);
  }

  @Test
  void locationsAndProblemsLeadThroughTheProxy() {
    Answer made = http.post("/v1/samples/and", "", UNDER);
    assertThat(made.location()).isEqualTo("/ml/trainyard/v1/datasets/and/versions/1");
    assertThat(get("/", "text/html").expect(302).location()).isEqualTo("/ml/trainyard/console");
    Answer missing = http.get("/v1/models/none", UNDER).expect(404);
    assertThat(missing.json().get("help").stringValue())
        .isEqualTo("/ml/trainyard/docs/errors/model_not_found");
    assertThat(missing.header("Link"))
        .isEqualTo("</ml/trainyard/docs/errors/model_not_found>; rel=\"help\"");
  }

  @Test
  void storedAnswersAndTheAuditLogHoldPathsOfTheService() {
    String model =
        """
        {"name": "prefixed", "network": {"inputs": {"x": {"shape": [1]}},
         "layers": [{"type": "dense", "units": 1}]}}""";
    String[] under = {
      UNDER[0], UNDER[1], "Idempotency-Key", "prefixed", "Content-Type", "application/json"
    };
    String[] direct = {"Idempotency-Key", "prefixed", "Content-Type", "application/json"};
    for (int i = 0; i < 2; i++) {
      assertThat(http.post("/v1/models", model, under).expect(201).location())
          .isEqualTo("/ml/trainyard/v1/models/prefixed");
    }
    assertThat(http.post("/v1/models", model, direct).expect(201).location())
        .isEqualTo("/v1/models/prefixed");
    assertThat(http.get("/v1/audit?resource=/v1/models/prefixed").expect(200).json().get("entries"))
        .isNotEmpty();
  }

  @Test
  void everyLinkOfAPageLeadsThroughTheProxy() {
    for (String page :
        List.of("/docs", "/docs/api", "/docs/guides/serving", "/docs/search?q=adam", "/nothing")) {
      String html = get(page, "text/html").text();
      Matcher links = Pattern.compile("(?:href|src|action)=\"(/[^\"]*)\"").matcher(html);
      int found = 0;
      while (links.find()) {
        assertThat(links.group(1)).as(page).startsWith("/ml/trainyard/");
        found++;
      }
      assertThat(found).as(page).isGreaterThan(5);
      assertThat(http.get(page, "Accept", "text/html").text())
          .as("without a proxy")
          .doesNotContain("/ml/trainyard");
    }
    assertThat(get("/docs.md", "text/markdown").text())
        .contains("](/ml/trainyard/")
        .doesNotContain("](/docs");
    JsonNode results = get("/docs/search?q=adam", "application/json").json().get("results");
    assertThat(results.findValuesAsString("path"))
        .isNotEmpty()
        .allMatch(path -> path.startsWith("/ml/trainyard/docs"));
  }

  @Test
  void programsFindTheServiceBehindTheProxy() {
    assertThat(get("/v3/api-docs", "application/json").json().at("/servers/0/url").stringValue())
        .isEqualTo("/ml/trainyard");
    assertThat(http.get("/v3/api-docs").json().at("/servers/0/url").stringValue()).isEqualTo("/");
    JsonNode start = get("/", "application/json").json();
    assertThat(start.at("/links/docs").stringValue()).isEqualTo("/ml/trainyard/docs");
    assertThat(start.at("/schemas/job").stringValue()).isEqualTo("/ml/trainyard/v1/schema/job");
    // Relative, so that it needs no prefix.
    assertThat(http.get("/docs/api/start.js").text()).contains("\"../v3/api-docs\"");
  }

  @Test
  void prefixIsAPathAndNothingElse() {
    assertThat(PathPrefix.read("/a/, /b")).isEqualTo("/a/b");
    assertThat(PathPrefix.read("/")).isEmpty();
    for (String bad : List.of("a", "//evil.example", "/a\"><script>", "/../a", "/a b", "/%2e")) {
      assertThatThrownBy(() -> PathPrefix.read(bad))
          .as(bad)
          .isInstanceOf(IllegalArgumentException.class);
    }
    http.get("/docs", "X-Forwarded-Prefix", "/\"><script>").expectProblem(400, "malformed_request");
  }
}
