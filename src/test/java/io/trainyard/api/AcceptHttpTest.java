package io.trainyard.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.ServiceTest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** What a caller accepts never changes what a success or a problem is called. */
@ServiceTest
@Timeout(60)
class AcceptHttpTest {
  private static final String PROBLEM = "application/problem+json";

  /** An operation for each way in which answers are written. */
  private static final List<String> PATHS =
      List.of(
          "/",
          "/v1/samples",
          "/v1/models",
          "/v1/jobs",
          "/v1/datasets",
          "/v1/schema/job",
          "/v3/api-docs",
          "/v2",
          "/docs",
          "/docs/api",
          "/docs/errors/in_use");

  @Autowired private Http http;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*/*",
        "application/json",
        "application/*",
        PROBLEM,
        PROBLEM + ", application/json;q=0.5",
        "application/json;q=0.5, " + PROBLEM,
        PROBLEM + ", */*;q=0.1",
        "application/*+json",
        "text/html, application/xhtml+xml, */*;q=0.8",
        "application/json;q=0",
        "text/html",
        "nonsense"
      })
  void aSuccessIsNeverAProblem(String accept) {
    for (String path : PATHS) {
      Answer answer = http.get(path, "Accept", accept);
      if (path.startsWith("/v2") && answer.status() == 400) {
        // The inference protocol has one status for every fault of a request.
        assertThat(answer.contentType()).isEqualTo("application/json");
        continue;
      }
      if (path.equals("/") && answer.status() == 302) {
        continue; // a browser is led to the pages
      }
      assertThat(answer.status()).as(path + answer).isIn(200, 406);
      if (answer.status() == 200) {
        assertThat(answer.contentType()).as(path).doesNotStartWith(PROBLEM);
      } else {
        answer.expectProblem(406, "not_acceptable");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"*/*", "application/json", PROBLEM, "text/csv", "image/png", "nonsense"})
  void aProblemIsAlwaysAcceptable(String accept) {
    Answer answer = http.get("/v1/models/there_is_none", "Accept", accept);
    assertThat(answer.contentType()).isEqualTo(PROBLEM);
    assertThat(answer.code()).isIn("model_not_found", "not_acceptable");
  }

  @Test
  void aCallerThatAcceptsBothGetsJson() {
    Answer answer = http.get("/v1/models", "Accept", PROBLEM + ", application/json");
    assertThat(answer.expect(200).contentType()).isEqualTo("application/json");
  }

  /** Generated clients send it to an operation whose success has no body. */
  @Test
  void problemsAloneSayNothingAboutSuccesses() {
    for (String path : PATHS) {
      Answer answer = http.get(path, "Accept", PROBLEM);
      assertThat(answer.status()).as(path + answer).isEqualTo(200);
      assertThat(answer.contentType())
          .as(path)
          .isEqualTo(http.get(path, "Accept", "*/*").contentType());
    }
    http.get("/v1/models/there_is_none", "Accept", PROBLEM).expectProblem(404, "model_not_found");
  }

  /** The refusal comes before the effect. */
  @Test
  void aRefusedRequestDoesNothing() {
    String model =
        "{\"name\": \"unaccepted\", \"network\": {\"inputs\": {\"x\": {\"shape\": [1]}},"
            + " \"layers\": [{\"type\": \"dense\", \"units\": 1}]}}";
    http.post("/v1/models", model, "Accept", "text/html").expectProblem(406, "not_acceptable");
    http.get("/v1/models/unaccepted").expectProblem(404, "model_not_found");
  }
}
